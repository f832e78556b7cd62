// SPDX-License-Identifier: MIT
#pragma once
// From the small grid to the big one: forward of ConvTranspose2d, input gradient of Conv2d and
// Linear. With stride s the big grid splits into s x s phases, each of which gathers from the
// small grid with every s-th tap.

#include <array>
#include <cstddef>
#include <utility>

#include "lamina/backend/cpu/folded_product.hpp"
#include "lamina/backend/cpu/run_product.hpp"
#include "lamina/backend/cpu/winograd_product.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina::inline LAMINA_ISA {

/// Scratch memory that scatter needs, 64-byte aligned.
template <WindowGeometry G, class Factors = Float32Factors>
constexpr WorkspaceSize scatter_workspace() {
  if constexpr (cpu_kernels::by_winograd<G, Factors>)
    return {.fixed = cpu_kernels::winograd_scatter(G).workspace()};
  else
    return {};
}

/// big[n][y][x][c] = bias[c] + sum over taps (ky, kx) and small pixels (v, u) with
///   y = v s + ky - p and x = u s + kx - p of small[n][v][u][o] * weight(ky * k + kx, o, c).
/// weights   in scatter_layout(G), 64-byte aligned; bias may be null; big is overwritten
/// finish    runs over outputs while they are in the cache, or does nothing
/// workspace scatter_workspace<G, Factors>().of(n) floats, 64-byte aligned; contents do not matter
template <WindowGeometry G, class Factors = Float32Factors>
void scatter(int n, const float* small, const float* weights, const float* bias, float* big,
             float* workspace, Finish finish = {}) {
  using namespace cpu_kernels;
  const ProductOperands operands{small, weights, big, {bias, finish, big}};
  if constexpr (scatter_folds(G)) {
    run_folded_product<scatter_fold(G), Factors>(n, operands);
  } else if constexpr (by_winograd<G, Factors>) {
    static constexpr WinogradProduct winograd = winograd_scatter(G);
    static constexpr RowTiles tiles = tiles_for<point_product(winograd), Factors>();
    run_winograd_product(winograd, tiles, n, operands, workspace);
  } else {
    static constexpr std::size_t count = scatter_products(G);
    static constexpr auto products = []<std::size_t... I>(std::index_sequence<I...>) {
      return std::array<TiledProduct, count>{
          {{scatter_product(G, I), tiles_for<scatter_product(G, I), Factors>()}...}};
    }(std::make_index_sequence<count>{});
    run_products(products, n, operands);
  }
}

}  // namespace lamina::inline LAMINA_ISA
