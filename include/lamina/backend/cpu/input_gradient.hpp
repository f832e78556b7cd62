// SPDX-License-Identifier: MIT
#pragma once
// The gradient of a layer's input: the opposite direction with the layer's weights, whose rows and lanes are exchanged
// for it.

#include <array>
#include <cstddef>

#include "lamina/backend/cpu/gather.hpp"
#include "lamina/backend/cpu/packed_layout.hpp"
#include "lamina/backend/cpu/packing.hpp"
#include "lamina/backend/cpu/parallel.hpp"
#include "lamina/backend/cpu/run_product.hpp"
#include "lamina/backend/cpu/scatter.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

/// Floats that transposed_weights needs.
constexpr std::size_t transposed_size(const PackedLayout& layout) {
  const PackedLayout transposed = layout.transposed();
  return layout.swapped() || transposed.swapped() ? 0 : transposed.size();
}

/// The weights with rows and lanes exchanged, in the workspace if they do not lie so already.
inline const float* transposed_weights(const PackedLayout& layout, const float* weights,
                                       float* workspace) {
  if (transposed_size(layout) == 0) return weights;
  transpose(layout, weights, workspace);
  return workspace;
}

/// Room for one tap of a lane block of transposed weights.
inline constexpr int transposed_block_rows = 1024;
using TransposedBlock =
    std::array<float, std::size_t{transposed_block_rows} * PackedLayout::block_lanes>;

/// Whether each thread transposes the lane blocks that it works on, which then lie in its nearest caches: for a product of
/// matrices, as each block is used for many images at once.
constexpr bool transposes_blocks(const WindowGeometry& g, LanesAre along) {
  return along == LanesAre::small && g.is_matrix_product() &&
         g.small_channels <= transposed_block_rows && transposed_size(gather_layout(g)) > 0;
}

/// One tap of such a scatter: its channels of the big grid.
constexpr WindowProduct tap_product(const WindowGeometry& g) {
  WindowProduct product = scatter_product(linear_geometry(g.big_channels, g.small_channels), 0);
  product.output_image = g.big_size();
  return product;
}

/// operands.weights as gather reads them.
inline void run_transposing_product(const TiledProduct& of_tap, int taps, int n,
                                    const ProductOperands& operands) {
  const PackedLayout& transposed_layout = of_tap.product.layout;
  const PackedLayout layout{taps, transposed_layout.lane_channels, transposed_layout.rows};
  const int blocks = transposed_layout.blocks();
  const double work = n * operations(of_tap.product) * taps;
  const ImageGroups groups(of_tap, n, work);
  parallel_ranges(std::ptrdiff_t{taps} * blocks * groups.count, work,
                  [&](std::ptrdiff_t first, std::ptrdiff_t last) {
                    alignas(64) TransposedBlock buffer;
                    std::ptrdiff_t transposed_block = -1;
                    for (std::ptrdiff_t item = first; item < last; ++item) {
                      const std::ptrdiff_t tap_block = item / groups.count;
                      const auto tap = static_cast<int>(tap_block / blocks);
                      const auto block = static_cast<int>(tap_block % blocks);
                      if (tap_block != transposed_block)
                        transpose_block(layout, operands.weights, buffer.data(), tap, block);
                      transposed_block = tap_block;
                      ProductOperands of_block = operands;
                      of_block.weights = buffer.data() - transposed_layout.block_offset(block);
                      of_block.output += std::ptrdiff_t{tap} * of_tap.product.output_channels;
                      const ItemRange images = groups.at(item % groups.count);
                      run_block(of_tap, of_block, static_cast<int>(images.first),
                                static_cast<int>(images.last), block);
                    }
                  });
}

}  // namespace cpu_kernels

/// Scratch memory that input_gradient needs, 64-byte aligned.
template <WindowGeometry G, LanesAre Along>
constexpr WorkspaceSize input_gradient_workspace() {
  constexpr std::size_t transposed = cpu_kernels::transposed_size(weight_layout(G, Along));
  if constexpr (cpu_kernels::transposes_blocks(G, Along))
    return {};
  else if constexpr (Along == LanesAre::small)
    return scatter_workspace<G>().behind(transposed);
  else
    return gather_workspace<G>().behind(transposed);
}

/// dx, the big grid's gradient where the lanes are the small grid's channels, else the small grid's.
/// weights   in weight_layout(G, Along), 64-byte aligned; dx is overwritten
/// finish    runs over dx while it is in the cache, or does nothing
/// workspace input_gradient_workspace<G, Along>().of(n) floats, 64-byte aligned; contents do not matter
template <WindowGeometry G, LanesAre Along>
void input_gradient(int n, const float* dy, const float* weights, float* dx, float* workspace,
                    Finish finish = {}) {
  using namespace cpu_kernels;
  constexpr PackedLayout layout = weight_layout(G, Along);
  if constexpr (transposes_blocks(G, Along)) {
    static constexpr WindowProduct product = tap_product(G);
    static constexpr TiledProduct of_tap{product, tiles_for<product, Float32Factors>()};
    run_transposing_product(of_tap, G.taps(), n, {dy, weights, dx, {nullptr, finish, dx}});
  } else {
    const float* const transposed = transposed_weights(layout, weights, workspace);
    float* const rest = workspace + transposed_size(layout);
    if constexpr (Along == LanesAre::small)
      scatter<G>(n, dy, transposed, nullptr, dx, rest, finish);
    else
      gather<G>(n, dy, transposed, nullptr, dx, rest, finish);
  }
}

}  // namespace lamina::inline LAMINA_ISA
