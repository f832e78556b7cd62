// SPDX-License-Identifier: MIT
#pragma once
// Batches on their way between the host and a device.

#include <concepts>

#include "lamina/core/tensor.hpp"

namespace examples {

/// A batch of S on backend B, brought there if it lies elsewhere. Valid until the next one.
template <class B, lamina::AnyShape S>
class Brought {
 public:
  template <class From>
  lamina::TensorRef<S, B> operator()(const lamina::TensorRef<S, From>& batch) {
    if constexpr (std::same_as<From, B>) {
      return batch;
    } else {
      copy_.assign(batch);
      return copy_;
    }
  }

 private:
  lamina::Tensor<S, B> copy_;
};

}  // namespace examples
