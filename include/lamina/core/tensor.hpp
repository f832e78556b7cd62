// SPDX-License-Identifier: MIT
#pragma once
// A batch of N images of one shape. In memory the images lie channels-last (N, H, W, C); what users
// index, assign and read is (N, C, H, W).

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/core/memory.hpp"
#include "lamina/core/replica.hpp"
#include "lamina/core/shape.hpp"
#include "lamina/core/xtensor.hpp"

namespace lamina::inline LAMINA_ISA {

struct Cpu;

namespace impl {

/// The extents of a batch in the order of users, and how far apart neighbours lie in memory.
template <class S>
struct BatchIndexing {
  static constexpr std::size_t rank = static_cast<std::size_t>(S::rank) + 1;
  std::array<std::size_t, rank> shape{};
  std::array<std::ptrdiff_t, rank> strides{};

  explicit BatchIndexing(std::size_t images) {
    shape[0] = images;
    strides[0] = static_cast<std::ptrdiff_t>(S::size);
    for (std::size_t i = 1; i < rank; ++i)
      shape[i] = static_cast<std::size_t>(S::dims[i - 1]);
    // Channels are neighbours; behind them columns, then rows.
    std::ptrdiff_t stride = 1;
    strides[1] = stride;
    stride *= S::dims[0];
    for (std::size_t i = rank - 1; i > 1; --i) {
      strides[i] = stride;
      stride *= S::dims[i - 1];
    }
    for (std::size_t i = 0; i < rank; ++i)
      if (shape[i] == 1) strides[i] = 0;  // xtensor's convention for extents of 1
  }
};

/// A strided view of the flat memory. An adaptor with strides of its own would take those of what is
/// assigned to it, and write in another order than the one it reads.
template <class S, class Pointer>
auto batch_view(Pointer data, std::size_t images) {
  const BatchIndexing<S> at(images);
  const std::size_t count = images * S::size;
  auto flat = xt::adapt(data, count, xt::no_ownership(), std::array<std::size_t, 1>{count});
  using View = xt::xstrided_view<decltype(flat), std::array<std::size_t, BatchIndexing<S>::rank>,
                                 xt::layout_type::dynamic>;
  return View(std::move(flat), at.shape, typename View::strides_type(at.strides), 0,
              xt::layout_type::dynamic);
}

}  // namespace impl

/// A batch that somebody else owns, to be read.
template <AnyShape S, class B = Cpu>
class TensorRef {
 public:
  using shape_type = S;
  using backend = B;

  TensorRef() = default;
  TensorRef(const float* data, Shard images) : data_(const_cast<float*>(data)), images_(images) {}

  /// N, the number of images.
  std::size_t size() const { return images_; }
  /// Which images of a batch they are, where replicas share it.
  const Shard& shard() const { return images_; }
  const float* data() const { return data_; }
  /// All values, channels-last.
  std::span<const float> span() const { return {data_, images_ * S::size}; }
  /// The batch as an xtensor view (N, C, H, W), or (N, F) for vectors, where it lies in the host's memory.
  /// From another backend `Tensor<S> copy{batch}` brings it there.
  auto array() const
    requires HostBackend<B>
  {
    return impl::batch_view<S>(static_cast<const float*>(data_), images_);
  }
  /// Copies all values, channels-last, to the host. errors run: `out` has another size
  void read(std::span<float> out) const {
    require(out.size() == images_ * S::size, "a batch of ", images_ * S::size,
            " values was to be read into ", out.size());
    B::copy_to_host(out.size(), data_, out.data());
  }

  /// Copies the values to backend memory of this size: a batch serves as a gradient.
  void write_to(float* to) const { B::copy(images_ * S::size, data_, to); }

  /// Images `first` up to `first + count`, as a batch of their own.
  TensorRef images(std::size_t first, std::size_t count) const {
    require(first <= images_ && count <= images_ - first, count, " images from number ", first,
            " on asked of a batch of ", images_);
    return {data_ + first * S::size, count};
  }

 protected:
  float* data_ = nullptr;
  Shard images_;
};

/// A batch with memory of its own.
template <AnyShape S, class B = Cpu>
class Tensor : public TensorRef<S, B> {
 public:
  Tensor() = default;
  /// `images` images of zeros.
  explicit Tensor(std::size_t images) { resize(images); }
  /// A copy of a shard of a batch, from whatever backend: a replica's part of it.
  template <class Other>
  Tensor(const TensorRef<S, Other>& whole, const Shard& shard)
    requires(!HostBackend<B>)
  {
    assign(whole.images(shard.first, shard.images));
    images_ = shard;
  }
  /// A copy of an xtensor expression (N, C, H, W).
  template <class E>
  explicit Tensor(const xt::xexpression<E>& values) {
    assign(values);
  }
  /// A copy of a batch, from whatever backend.
  template <class Other>
  explicit Tensor(const TensorRef<S, Other>& other) {
    assign(other);
  }
  Tensor(Tensor&& other) noexcept { swap(other); }
  Tensor& operator=(Tensor&& other) noexcept {
    swap(other);
    return *this;
  }
  Tensor(const Tensor& other) : Tensor(static_cast<const TensorRef<S, B>&>(other)) {}
  Tensor& operator=(const Tensor& other) {
    Tensor copy(other);
    swap(copy);
    return *this;
  }

  using TensorRef<S, B>::data;
  using TensorRef<S, B>::span;
  using TensorRef<S, B>::array;
  float* data() { return data_; }
  std::span<float> span() { return {data_, images_ * S::size}; }
  auto array()
    requires HostBackend<B>
  {
    return impl::batch_view<S>(data_, images_);
  }

  /// Room for `images` images; allocates only beyond the largest number so far. Values stay while
  /// nothing is allocated and are zero afterwards.
  void resize(const Shard& images) {
    if (images * S::size > memory_.size()) {
      memory_ = Memory<B>(images * S::size);
      data_ = memory_.data();
    }
    images_ = images;
  }

  /// Takes the values of an xtensor expression (N, C, H, W).
  /// errors run: another rank, or images of another shape
  template <class E>
  void assign(const xt::xexpression<E>& values) {
    const auto& from = values.derived_cast();
    const auto& extents = from.shape();
    bool same = extents.size() == impl::BatchIndexing<S>::rank;
    for (std::size_t i = 1; same && i < extents.size(); ++i)
      same = static_cast<std::size_t>(extents[i]) == static_cast<std::size_t>(S::dims[i - 1]);
    require(same, "expected an array of shape (N", extents_text(S::dims), "), got (",
            extents_text(extents).substr(extents.empty() ? 0 : 2), ")");
    resize(static_cast<std::size_t>(extents[0]));
    if constexpr (HostBackend<B>) {
      array() = from;
    } else {
      std::vector<float> ordered(images_ * S::size);
      impl::batch_view<S>(ordered.data(), images_) = from;
      B::copy_from_host(ordered.size(), ordered.data(), data_);
    }
  }

  /// Takes the values of a batch, one of the two in the host's memory or both on one backend.
  template <class Other>
  void assign(const TensorRef<S, Other>& other) {
    resize(std::same_as<Other, B> ? other.shard() : Shard(other.size()));
    const std::size_t values = images_ * S::size;
    if constexpr (std::same_as<Other, B>)
      B::copy(values, other.data(), data_);
    else if constexpr (HostBackend<Other>)
      B::copy_from_host(values, other.data(), data_);
    else
      Other::copy_to_host(values, other.data(), data_);
  }

 private:
  using TensorRef<S, B>::data_;
  using TensorRef<S, B>::images_;
  Memory<B> memory_;

  void swap(Tensor& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(images_, other.images_);
    std::swap(memory_, other.memory_);
  }

  /// ", 1, 28, 28".
  template <class Extents>
  static std::string extents_text(const Extents& extents) {
    std::string text;
    for (const auto extent : extents)
      text += sentence(", ", extent);
    return text;
  }
};

}  // namespace lamina::inline LAMINA_ISA
