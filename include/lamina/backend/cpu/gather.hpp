// SPDX-License-Identifier: MIT
#pragma once
// From the big grid to the small one: forward of Conv2d and Linear, input gradient of
// ConvTranspose2d.

#include <array>

#include "lamina/backend/cpu/run_product.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

/// small[n][y][x][o] = bias[o] + sum over taps (ky, kx) and big channels c of
///   big[n][y s + ky - p][x s + kx - p][c] * weight(ky * k + kx, c, o).
/// weights  in gather_layout(G), 64-byte aligned; bias may be null; small is overwritten
template <WindowGeometry G>
void gather(int n, const float* big, const float* weights, const float* bias, float* small) {
  static constexpr cpu_kernels::WindowProduct product = cpu_kernels::gather_product(G);
  static constexpr std::array<cpu_kernels::TiledProduct, 1> products{
      {{product, cpu_kernels::tiles_for<product>()}}};
  cpu_kernels::run_products(products, n, {big, weights, small, {bias}});
}

}  // namespace lamina::inline LAMINA_ISA
