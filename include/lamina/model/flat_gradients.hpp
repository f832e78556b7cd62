// SPDX-License-Identifier: MIT
#pragma once
// The gradients of a model as others see them.

#include <cstddef>
#include <span>
#include <utility>

#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

/// The gradients of all parameters in one flat buffer of a model, which must outlive it. Where the model has put off setting
/// them to zero, they are zero for whoever looks first: pointers are good until the next zero_grad().
template <class B>
class FlatGradients {
 public:
  FlatGradients() = default;
  /// zero_put_off: whether they stand for zeros; null where they never do.
  FlatGradients(std::span<float> values, bool* zero_put_off = nullptr)
      : values_(values), zero_put_off_(zero_put_off) {}

  std::size_t size() const { return values_.size(); }
  float* data() const {
    if (zero_put_off_ != nullptr && std::exchange(*zero_put_off_, false))
      B::fill(values_.size(), 0.0F, values_.data());
    return values_.data();
  }
  float* begin() const { return data(); }
  float* end() const { return data() + size(); }
  float& operator[](std::size_t i) const { return data()[i]; }
  operator std::span<float>() const { return {data(), size()}; }

 private:
  std::span<float> values_;
  bool* zero_put_off_ = nullptr;
};

}  // namespace lamina::inline LAMINA_ISA
