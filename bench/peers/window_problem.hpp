// SPDX-License-Identifier: MIT
#pragma once
// What a peer is asked to compute: one product of one geometry.

#include "lamina/backend/cpu/window_geometry.hpp"

namespace bench {

/// Forward is gather for Conv2d and Linear, scatter for ConvTranspose2d; the gradient of the input is the
/// other one.
enum class Product { gather, scatter, weights };

/// Images are (N, H, W, C), weights [tap][big channel][small channel]. A peer copies them into the order
/// that it likes best when it is made, computes without a bias, and overwrites its result.
struct WindowProblem {
  lamina::WindowGeometry geometry;
  lamina::LanesAre along;
  Product product;
  int images;
  const float* big;
  const float* small;
  const float* weights;
};

}  // namespace bench
