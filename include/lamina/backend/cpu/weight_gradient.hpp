// SPDX-License-Identifier: MIT
#pragma once
// Weight gradients of Conv2d, ConvTranspose2d and Linear. Threads share the weight tiles; each tile
// sums all images in one order, so that bits do not depend on the number of threads.

#include <array>
#include <cstddef>

#include "lamina/backend/cpu/few_rows_gradient.hpp"
#include "lamina/backend/cpu/packed_layout.hpp"
#include "lamina/backend/cpu/padded_gradient.hpp"
#include "lamina/backend/cpu/run_weight_product.hpp"
#include "lamina/backend/cpu/winograd_gradient.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

/// Whether the weights' rows are the big grid's channels in memory, given the layer's lanes.
constexpr bool rows_are_big(const WindowGeometry& g, LanesAre along) {
  return (along == LanesAre::small) != weight_layout(g, along).swapped();
}

}  // namespace cpu_kernels

/// Scratch memory that weight_gradient needs, 64-byte aligned.
template <WindowGeometry G, LanesAre Along, class Factors = Float32Factors>
constexpr WorkspaceSize weight_gradient_workspace() {
  constexpr bool rows_big = cpu_kernels::rows_are_big(G, Along);
  if constexpr (cpu_kernels::by_winograd<G, Factors>)
    return {.fixed = cpu_kernels::winograd_gradient(G, rows_big).workspace()};
  else if constexpr (cpu_kernels::few_rows(G, rows_big).used)
    return {.fixed = cpu_kernels::FewRows::chunks * weight_layout(G, Along).size()};
  else
    return cpu_kernels::weight_product(G, rows_big).packed_size();
}

/// gradient(tap (ky, kx), c, o) += sum over images and small pixels (y, x) of
///   big[n][y s + ky - p][x s + kx - p][c] * small[n][y][x][o].
/// gradient   in weight_layout(G, Along), 64-byte aligned
/// update     GradientUpdate::overwrite (= instead of +=) only where one image is one pixel, and there is one
/// workspace  weight_gradient_workspace<G, Along, Factors>().of(n) floats, 64-byte aligned; contents do not matter
template <WindowGeometry G, LanesAre Along, class Factors = Float32Factors>
void weight_gradient(int n, const float* big, const float* small, float* gradient, float* workspace,
                     GradientUpdate update = GradientUpdate::add) {
  constexpr bool rows_big = cpu_kernels::rows_are_big(G, Along);
  constexpr cpu_kernels::FewRows few = cpu_kernels::few_rows(G, rows_big);
  constexpr PackedLayout layout = weight_layout(G, Along).stored();
  if constexpr (few.used && cpu_kernels::has_padded_gradient(G, rows_big)) {
    constexpr cpu_kernels::PaddedRows padded{G};
    static constexpr cpu_kernels::WeightTiles tiles =
        cpu_kernels::weight_tiles<PackedLayout{1, padded.window_row(), G.small_channels},
                                  Factors>();
    cpu_kernels::add_padded_gradient<padded>(tiles, n, big, small, gradient, workspace);
  } else if constexpr (few.used) {
    constexpr cpu_kernels::WeightTileSet tiles =
        cpu_kernels::weight_tile_set<few.tile_rows, layout, Factors>();
    cpu_kernels::add_unfolded_gradient(G, few, tiles, n, rows_big ? big : small,
                                       rows_big ? small : big, gradient, workspace);
  } else if constexpr (cpu_kernels::by_winograd<G, Factors>) {
    static constexpr cpu_kernels::WeightProduct product =
        cpu_kernels::weight_product(linear_geometry(G.big_channels, G.small_channels), rows_big);
    static constexpr cpu_kernels::WeightTiles tiles =
        cpu_kernels::weight_tiles<product.layout, Factors>();
    cpu_kernels::run_winograd_gradient(cpu_kernels::winograd_gradient(G, rows_big), product, tiles,
                                       n, {big, small, gradient, workspace});
  } else {
    static constexpr cpu_kernels::WeightProduct product = cpu_kernels::weight_product(G, rows_big);
    static constexpr auto taps = cpu_kernels::weight_taps<product>();
    static constexpr cpu_kernels::WeightTiles tiles =
        cpu_kernels::weight_tiles<product.layout, Factors>();
    cpu_kernels::run_weight_product(product, taps.data(), tiles, n,
                                    {big, small, gradient, workspace, update});
  }
}

}  // namespace lamina::inline LAMINA_ISA
