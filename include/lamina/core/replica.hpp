// SPDX-License-Identifier: MIT
#pragma once
// Several replicas of a model that train together, each on a part of every batch: what one of them knows of the
// others, and which images of a batch are its own.

#include <cstddef>
#include <span>

#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

class Replica;

/// A number of images, and where they are in a batch that replicas share; of any other batch they are all.
struct Shard {
  /// A plain number is a whole batch, and most of what is asked for is about a replica's own images.
  constexpr Shard(std::size_t count = 0) : images(count), total(count) {}
  constexpr Shard(std::size_t count, std::size_t begin, std::size_t all, Replica& owner)
      : images(count), first(begin), total(all), replica(&owner) {}

  constexpr operator std::size_t() const { return images; }

  /// The sum of `mine` over all replicas that share the batch.
  inline double sum(double mine) const;

  std::size_t images;          ///< here
  std::size_t first = 0;       ///< number of the first of them in the batch
  std::size_t total;           ///< of the batch
  Replica* replica = nullptr;  ///< whose they are; null for a whole batch
};

/// One of the replicas, for the thread that it runs in. What is asked of it is done by all of them together: each
/// asks for the same, in the same order, or none comes to an end.
class Replica {
 public:
  Replica(std::size_t rank, std::size_t size) : rank_(rank), size_(size) {}
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;
  virtual ~Replica() = default;

  /// Which one, from 0 on, and how many there are.
  std::size_t rank() const { return rank_; }
  std::size_t size() const { return size_; }

  /// This one's part of a batch: images behind each other, as many as the others have or one more; none where
  /// there are more replicas than images. A single replica has the batch.
  Shard shard(std::size_t images) {
    if (size_ == 1) return images;
    const std::size_t begin = rank_ * images / size_;
    return {(rank_ + 1) * images / size_ - begin, begin, images, *this};
  }

  /// values[i] = the sum of all replicas' values[i], the same bits in each. They lie in the backend's memory, and it
  /// happens in the order of its operations.
  /// errors run: ReplicaStopped, here and in `sum`
  virtual void all_reduce_sum(std::size_t count, float* values) = 0;
  virtual void all_reduce_sum(std::size_t count, double* values) = 0;
  /// The same for numbers of the host, which waits for the other replicas.
  virtual void sum(std::span<double> values) = 0;

 private:
  std::size_t rank_;
  std::size_t size_;
};

double Shard::sum(double mine) const {
  if (replica != nullptr) replica->sum({&mine, 1});
  return mine;
}

}  // namespace lamina::inline LAMINA_ISA
