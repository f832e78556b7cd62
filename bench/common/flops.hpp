// SPDX-License-Identifier: MIT
#pragma once
// Nominal FLOPs of networks: those of convolutions and linear layers.

#include "lamina/lamina.hpp"

namespace bench {

/// FLOPs of one image through a network: once forward, and through what backward computes.
template <class Net, class In>
struct Flops {
  static constexpr double forward = [] {
    double sum = 0.0;
    for (const lamina::LayerRow& row : lamina::layer_table<Net, In>)
      sum += 2.0 * static_cast<double>(row.multiply_adds);
    return sum;
  }();
  static constexpr double weights = forward;
  static constexpr double input = forward;
  /// The gradient of the input down to, but not of, the first layer.
  static constexpr double inner_input = [] {
    for (const lamina::LayerRow& row : lamina::layer_table<Net, In>)
      if (row.multiply_adds > 0) return forward - 2.0 * static_cast<double>(row.multiply_adds);
    return 0.0;
  }();
  static constexpr double step = forward + weights + inner_input;
};

}  // namespace bench
