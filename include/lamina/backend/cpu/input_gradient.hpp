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

/// Floats that turned_weights needs.
constexpr std::size_t turned_size(const PackedLayout& layout) {
  const PackedLayout turned = layout.transposed();
  return layout.swapped() || turned.swapped() ? 0 : turned.size();
}

/// The weights with rows and lanes exchanged, in the workspace if they do not lie so already.
inline const float* turned_weights(const PackedLayout& layout, const float* weights,
                                   float* workspace) {
  if (turned_size(layout) == 0) return weights;
  transpose(layout, weights, workspace);
  return workspace;
}

/// Room for one lane block of turned weights.
inline constexpr int turned_block_rows = 1024;
using TurnedBlock = std::array<float, std::size_t{turned_block_rows} * PackedLayout::block_lanes>;

/// Whether each thread turns the lane blocks that it works on, which then lie in its nearest caches: for a product of
/// matrices, as each block is used for many images at once.
constexpr bool turns_blocks(const WindowGeometry& g, LanesAre along) {
  return along == LanesAre::small && g.is_matrix_product() && g.taps() == 1 &&
         g.small_channels <= turned_block_rows && turned_size(gather_layout(g)) > 0;
}

/// A scatter of matrices. operands.weights as gather reads them.
inline void run_turning_product(const TiledProduct& tiled, int n, const ProductOperands& operands) {
  const PackedLayout& layout = tiled.product.layout;
  const double work = n * operations(tiled.product);
  const ImageGroups groups(tiled, n, work);
  parallel_ranges(std::ptrdiff_t{layout.blocks()} * groups.count, work,
                  [&](std::ptrdiff_t first, std::ptrdiff_t last) {
                    alignas(64) TurnedBlock turned;
                    int turned_block = -1;
                    for (std::ptrdiff_t item = first; item < last; ++item) {
                      const auto block = static_cast<int>(item / groups.count);
                      if (block != turned_block)
                        transpose_block(layout.transposed(), operands.weights, turned.data(),
                                        block);
                      turned_block = block;
                      ProductOperands of_block = operands;
                      of_block.weights = turned.data() - layout.block_offset(block);
                      const ItemRange images = groups.at(item % groups.count);
                      run_block(tiled, of_block, static_cast<int>(images.first),
                                static_cast<int>(images.last), block);
                    }
                  });
}

}  // namespace cpu_kernels

/// Scratch memory that input_gradient needs, 64-byte aligned.
template <WindowGeometry G, LanesAre Along>
constexpr WorkspaceSize input_gradient_workspace() {
  constexpr std::size_t turned = cpu_kernels::turned_size(weight_layout(G, Along));
  if constexpr (cpu_kernels::turns_blocks(G, Along))
    return {};
  else if constexpr (Along == LanesAre::small)
    return scatter_workspace<G>().behind(turned);
  else
    return gather_workspace<G>().behind(turned);
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
  if constexpr (turns_blocks(G, Along)) {
    static constexpr WindowProduct product = scatter_product(G, 0);
    static constexpr TiledProduct tiled{product, tiles_for<product, Float32Factors>()};
    run_turning_product(tiled, n, {dy, weights, dx, {nullptr, finish, dx}});
  } else {
    const float* const turned = turned_weights(layout, weights, workspace);
    float* const rest = workspace + turned_size(layout);
    if constexpr (Along == LanesAre::small)
      scatter<G>(n, dy, turned, nullptr, dx, rest, finish);
    else
      gather<G>(n, dy, turned, nullptr, dx, rest, finish);
  }
}

}  // namespace lamina::inline LAMINA_ISA
