// SPDX-License-Identifier: MIT
#pragma once
// From the big grid to the small one: forward of Conv2d and Linear, input gradient of
// ConvTranspose2d.

#include <array>

#include "lamina/backend/cpu/folded_product.hpp"
#include "lamina/backend/cpu/padded_product.hpp"
#include "lamina/backend/cpu/run_product.hpp"
#include "lamina/backend/cpu/winograd_product.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina::inline LAMINA_ISA {

/// Scratch memory that gather needs, 64-byte aligned.
template <WindowGeometry G, class Factors = Float32Factors>
constexpr WorkspaceSize gather_workspace() {
  if constexpr (cpu_kernels::by_winograd<G, Factors>)
    return {.fixed = cpu_kernels::winograd_gather(G).workspace()};
  else
    return {};
}

/// small[n][y][x][o] = bias[o] + sum over taps (ky, kx) and big channels c of
///   big[n][y s + ky - p][x s + kx - p][c] * weight(ky * k + kx, c, o).
/// weights   in gather_layout(G), 64-byte aligned; bias may be null; small is overwritten
/// finish    runs over outputs while they are in the cache, or does nothing
/// workspace gather_workspace<G, Factors>().of(n) floats, 64-byte aligned; contents do not matter
template <WindowGeometry G, class Factors = Float32Factors>
void gather(int n, const float* big, const float* weights, const float* bias, float* small,
            float* workspace, Finish finish = {}) {
  using namespace cpu_kernels;
  const ProductOperands operands{big, weights, small, {bias, finish, small}};
  if constexpr (gather_folds(G)) {
    run_folded_product<gather_fold(G), Factors>(n, operands);
  } else if constexpr (PaddedRows{G}.fits()) {
    run_padded_product<PaddedRows{G}, Factors>(n, operands);
  } else if constexpr (by_winograd<G, Factors>) {
    static constexpr WinogradProduct winograd = winograd_gather(G);
    static constexpr RowTiles tiles = tiles_for<point_product(winograd), Factors>();
    run_winograd_product(winograd, tiles, n, operands, workspace);
  } else {
    static constexpr WindowProduct product = gather_product(G);
    static constexpr std::array<TiledProduct, 1> products{
        {{product, tiles_for<product, Factors>()}}};
    run_products(products, n, operands);
  }
}

}  // namespace lamina::inline LAMINA_ISA
