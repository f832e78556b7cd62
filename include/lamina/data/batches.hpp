// SPDX-License-Identifier: MIT
#pragma once
// Batches of a data set as tensors of floats, shuffled or in order. The tensor is used again for
// every batch: nothing is allocated once the Batches object stands. For a backend on a device the data set is
// copied there once, and batches are made there.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "lamina/backend/cpu/cpu.hpp"
#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/core/memory.hpp"
#include "lamina/core/random.hpp"
#include "lamina/core/replica.hpp"
#include "lamina/core/static_value.hpp"
#include "lamina/core/tensor.hpp"
#include "lamina/data/dataset.hpp"

namespace lamina {

/// What the pixels 0..255 become.
enum class PixelRange {
  unit,       ///< [0, 1]: x / 255
  symmetric,  ///< [-1, 1]: (x / 255 - 0.5) / 0.5
};

/// An order that depends on the seed and the epoch alone.
struct Shuffle {
  Seed seed;
  std::int64_t epoch = 0;
};

/// The order of the data set.
struct InOrder {};

using BatchOrder = std::variant<InOrder, Shuffle>;

}  // namespace lamina

namespace lamina::inline LAMINA_ISA {

struct BatchOptions {
  bool drop_last = false;       ///< leave out the last batch where it is smaller than the others
  std::size_t first_batch = 0;  ///< begin here, to go on where a run was stopped
  Replica* replica = nullptr;   ///< on a device: whose shard of each batch this is about
};

template <class Image, class B = Cpu>
struct Batch {
  Tensor<Image, B> images;
  std::span<const std::uint8_t> labels;
};

/// The batches of one epoch as a range, which begin() starts from its first batch. The data set has
/// to outlive it.
///   for (const auto& [images, labels] : batches(data.train, 128, Shuffle{Seed{1}, epoch})) ...
/// errors run: std::invalid_argument: batch size 0, pixels and labels that do not go together, no
///        batch at all, a first batch behind the last, a replica for batches in the host's memory
template <class Image, class B = Cpu>
class Batches {
 public:
  class Iterator;

  Batches(const Dataset<Image>& dataset, std::size_t batch_size, BatchOrder order,
          PixelRange range = PixelRange::unit, BatchOptions options = {});
  Batches(const Dataset<Image>&&, std::size_t, BatchOrder, PixelRange = PixelRange::unit,
          BatchOptions = {}) = delete;
  Batches(Batches&&) noexcept = default;
  Batches& operator=(Batches&&) noexcept = default;

  /// Batches in an epoch, wherever this one begins.
  std::size_t count() const { return count_; }

  /// Another epoch with the same memory.
  void restart(BatchOrder order, std::size_t first_batch = 0);

  Iterator begin() {
    load(first_);
    return Iterator{*this, first_};
  }
  std::default_sentinel_t end() const { return {}; }

 private:
  void load(std::size_t index);
  void fill_images(std::size_t begin, std::span<const std::uint32_t> chosen);
  /// What there is to load of a batch.
  Shard shard(std::size_t images) const {
    return replica_ == nullptr ? Shard(images) : replica_->shard(images);
  }

  const Dataset<Image>* dataset_;
  std::size_t batch_size_;
  PixelRange range_;
  Replica* replica_;
  std::size_t count_;
  std::size_t first_ = 0;
  std::vector<std::uint32_t> order_;
  std::vector<std::uint8_t> labels_;
  Memory<B> set_, set_order_;  ///< pixels and order on a device, as they are
  Batch<Image, B> batch_;
};

/// The same as a function, which finds the image shape itself.
template <class Image>
Batches<Image> batches(const Dataset<Image>& dataset, std::size_t batch_size, BatchOrder order,
                       PixelRange range = PixelRange::unit, BatchOptions options = {}) {
  return {dataset, batch_size, order, range, options};
}
template <class Image>
Batches<Image> batches(const Dataset<Image>&&, std::size_t, BatchOrder,
                       PixelRange = PixelRange::unit, BatchOptions = {}) = delete;

/// The same for a backend: batches_on<Cuda>(data.train, 128, Shuffle{Seed{1}, epoch}).
template <class B, class Image>
Batches<Image, B> batches_on(const Dataset<Image>& dataset, std::size_t batch_size,
                             BatchOrder order, PixelRange range = PixelRange::unit,
                             BatchOptions options = {}) {
  return {dataset, batch_size, order, range, options};
}
template <class B, class Image>
Batches<Image, B> batches_on(const Dataset<Image>&&, std::size_t, BatchOrder,
                             PixelRange = PixelRange::unit, BatchOptions = {}) = delete;

template <class Image, class B>
class Batches<Image, B>::Iterator {
 public:
  using value_type = Batch<Image, B>;
  using difference_type = std::ptrdiff_t;
  using iterator_concept = std::input_iterator_tag;

  Iterator(Batches& batches, std::size_t index) : batches_{&batches}, index_{index} {}

  const Batch<Image, B>& operator*() const { return batches_->batch_; }
  Iterator& operator++() {
    batches_->load(++index_);
    return *this;
  }
  void operator++(int) { ++*this; }
  bool operator==(std::default_sentinel_t) const { return index_ == batches_->count_; }

 private:
  Batches* batches_;
  std::size_t index_;
};

}  // namespace lamina::inline LAMINA_ISA

namespace lamina::inline LAMINA_ISA::batching {

/// An evenly distributed number below `bound` (at most 2^32), the draw number `index` of the epoch.
/// Lemire's method: the upper half of random * bound, and another draw in the rare case that would
/// favour some results (arXiv:1805.10941).
inline std::uint32_t bounded_draw(const Philox& philox, std::uint64_t epoch, std::uint32_t index,
                                  std::uint32_t bound) {
  const std::uint32_t uneven = (0U - bound) % bound;  // 2^32 mod bound
  for (std::uint64_t attempt = 0;; ++attempt) {
    for (const std::uint32_t random : philox(epoch, attempt << 32U | index)) {
      const std::uint64_t product = std::uint64_t{random} * bound;
      if (static_cast<std::uint32_t>(product) >= uneven)
        return static_cast<std::uint32_t>(product >> 32U);
    }
  }
}

/// Fisher and Yates' shuffle, or 0, 1, 2, ...
inline void fill_order(std::span<std::uint32_t> order, const BatchOrder& kind) {
  std::iota(order.begin(), order.end(), 0U);
  const auto* shuffle = std::get_if<Shuffle>(&kind);
  if (shuffle == nullptr) return;
  const Philox philox{shuffle->seed, Stream::shuffle};
  const auto epoch = static_cast<std::uint64_t>(shuffle->epoch);
  for (std::size_t left = order.size(); left > 1; --left) {
    const auto bound = static_cast<std::uint32_t>(left);
    std::swap(order[left - 1], order[bounded_draw(philox, epoch, bound - 1, bound)]);
  }
}

template <PixelRange range>
float scaled(std::uint8_t pixel) {
  const float unit = static_cast<float>(pixel) / 255.0F;
  return range == PixelRange::unit ? unit : (unit - 0.5F) / 0.5F;
}

/// One image: bytes (C, H, W) to floats (H, W, C).
template <class Image, PixelRange range>
void convert_image(const std::uint8_t* source, float* target) {
  constexpr auto channels = static_cast<std::size_t>(Image::value.channels());
  constexpr std::size_t pixels = Image::size / channels;
  if constexpr (channels == 1 || pixels == 1) {
    for (std::size_t i = 0; i < Image::size; ++i)
      target[i] = scaled<range>(source[i]);
  } else {
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t p = 0; p < pixels; ++p) {
        target[p * channels + c] = scaled<range>(source[c * pixels + p]);
      }
    }
  }
}

/// Asks for the cache lines of an image that is soon to be read: images of a shuffled set lie all
/// over the memory, and waiting for them would take most of the time.
inline void prefetch(std::span<const std::uint8_t> image) {
#if defined(__GNUC__)
  constexpr std::size_t cache_line = 64;
  for (std::size_t i = 0; i < image.size(); i += cache_line)
    __builtin_prefetch(image.data() + i);
#endif
}

/// Batches in an epoch; checks what the constructor of Batches was given.
template <class Image>
std::size_t count_batches(const Dataset<Image>& dataset, std::size_t batch_size, bool drop_last) {
  const std::size_t images = dataset.size();
  require(batch_size > 0, "batches: expected a batch size of at least 1, got 0; choose one");
  require(dataset.pixels.size() % Image::size == 0 && dataset.pixels.size() / Image::size == images,
          "batches: expected ", images, " images of ", Image::size,
          " bytes, as many as labels, got ", dataset.pixels.size(),
          " bytes; fill in pixels and labels together");
  require(images <= (std::numeric_limits<std::uint32_t>::max)(),
          "batches: expected fewer than 2^32 images, got ", images, "; split the data set");
  const std::size_t smaller = images % batch_size != 0 && !drop_last ? 1 : 0;
  const std::size_t count = images / batch_size + smaller;
  require(count > 0, "batches: expected a data set of at least ", drop_last ? batch_size : 1,
          " for one batch, got ", images, "; take more images or a smaller batch");
  return count;
}

}  // namespace lamina::inline LAMINA_ISA::batching

namespace lamina::inline LAMINA_ISA {

template <class Image, class B>
Batches<Image, B>::Batches(const Dataset<Image>& dataset, std::size_t batch_size, BatchOrder order,
                           PixelRange range, BatchOptions options)
    : dataset_{&dataset},
      batch_size_{batch_size},
      range_{range},
      replica_{options.replica},
      count_{batching::count_batches(dataset, batch_size, options.drop_last)},
      order_(dataset.size()),
      labels_((std::min)(batch_size, dataset.size())) {
  require(!HostBackend<B> || replica_ == nullptr,
          "batches: replicas train on devices, got one for batches in the host's memory; use "
          "batches_on");
  // No shard has more than this one's of the largest batch, and one more.
  const std::size_t most = shard(labels_.size());
  batch_.images.resize(most == labels_.size() ? most : most + 1);
  if constexpr (!HostBackend<B>) {
    set_ = Memory<B>((dataset.pixels.size() + sizeof(float) - 1) / sizeof(float));
    B::device::copy_from_host(dataset.pixels.size(), dataset.pixels.data(), set_.data());
    set_order_ = Memory<B>(order_.size());
  }
  restart(order, options.first_batch);
}

template <class Image, class B>
void Batches<Image, B>::restart(BatchOrder order, std::size_t first_batch) {
  require(first_batch <= count_, "batches: expected a first batch of at most ", count_, ", got ",
          first_batch, "; resume with the same data and batch size");
  batching::fill_order(order_, order);
  if constexpr (!HostBackend<B>)
    B::device::copy_from_host(order_.size() * sizeof(std::uint32_t), order_.data(),
                              set_order_.data());
  first_ = first_batch;
}

/// Fills the tensor with batch number index; behind the last there is nothing to do.
template <class Image, class B>
void Batches<Image, B>::load(std::size_t index) {
  if (index == count_) return;
  const Shard images = shard((std::min)(batch_size_, order_.size() - index * batch_size_));
  const std::size_t begin = index * batch_size_ + images.first;
  const auto chosen = std::span{order_}.subspan(begin, images);
  batch_.images.resize(images);
  fill_images(begin, chosen);
  for (std::size_t i = 0; i < chosen.size(); ++i)
    labels_[i] = dataset_->labels[chosen[i]];
  batch_.labels = std::span{labels_}.first(chosen.size());
}

template <class Image, class B>
void Batches<Image, B>::fill_images(std::size_t begin, std::span<const std::uint32_t> chosen) {
  if constexpr (HostBackend<B>) {
    const auto convert = range_ == PixelRange::unit
                             ? batching::convert_image<Image, PixelRange::unit>
                             : batching::convert_image<Image, PixelRange::symmetric>;
    constexpr std::size_t ahead = 2;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      if (i + ahead < chosen.size()) batching::prefetch(dataset_->image(chosen[i + ahead]));
      convert(dataset_->image(chosen[i]).data(), batch_.images.data() + i * Image::size);
    }
  } else {
    constexpr auto channels = static_cast<std::size_t>(Image::value.channels());
    B::images_of_bytes(
        chosen.size(), static_value<channels>, static_value<Image::size / channels>,
        range_ == PixelRange::symmetric, reinterpret_cast<const std::uint8_t*>(set_.data()),
        reinterpret_cast<const std::uint32_t*>(set_order_.data()) + begin, batch_.images.data());
  }
}

}  // namespace lamina::inline LAMINA_ISA
