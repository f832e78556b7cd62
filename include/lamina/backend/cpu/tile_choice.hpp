// SPDX-License-Identifier: MIT
#pragma once
// Which micro tile a windowed product uses: chosen by the compiler from the registers of the
// instruction set and the width of the output, so that geometries share tiles.

#include <array>

#include "lamina/backend/cpu/few_channels.hpp"
#include "lamina/backend/cpu/tile.hpp"
#include "lamina/backend/cpu/window_product.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

struct TileShape {
  int images, columns;
  int clip;  // most columns that a tap misses on one side of a tile
};

/// First column of tile t; the last tile overlaps its neighbour rather than being narrower.
constexpr int tile_begin(int t, int columns, int count) {
  return (t + 1) * columns <= count ? t * columns : count - columns;
}

/// Largest one-sided clip over all tiles of a row, or -1 where a tap misses columns on both sides.
constexpr int widest_clip(const WindowAxis& axis, int columns) {
  int clip = 0;
  if (columns == 1) return clip;
  for (int t = 0; t < ceil_div(axis.count, columns); ++t) {
    for (int tap = 0; tap < axis.taps; ++tap) {
      const IntRange range = axis.outputs_of(tap, tile_begin(t, columns, axis.count), columns);
      if (range.empty()) continue;
      const int left = range.first;
      const int right = columns - range.last;
      if (left > 0 && right > 0) return -1;
      clip = left > clip ? left : right > clip ? right : clip;
    }
  }
  return clip;
}

constexpr TileShape choose_tile(const WindowProduct& product) {
  constexpr int clip_limit = 2;
  const bool wide_registers = vector_registers >= 32;
  const bool dot = product.layout.swapped();
  const int outputs = dot ? product.output_channels : 2;
  const int accumulators = wide_registers ? (dot ? 24 : 16) : (dot ? 8 : 12);
  const int most = clamp_to(accumulators / outputs, 1, dot ? 14 : wide_registers ? 8 : 6);
  const int count = product.columns.count;
  TileShape best{1, 1, 0};
  int best_cost = count * 2;  // of one column a tile: the last resort, as its loads are not shared
  for (int columns = 2; columns <= most && columns <= count; ++columns) {
    const int clip = widest_clip(product.columns, columns);
    if (clip < 0 || clip > clip_limit || clip >= columns) continue;
    const int narrow = columns < most / 2 && columns < count;
    const int cost = ceil_div(count, columns) * columns + narrow * count;
    if (cost <= best_cost) {
      best = {1, columns, clip};
      best_cost = cost;
    }
  }
  while (best.images < 8 && best.images * 2 * best.columns * outputs <= accumulators) {
    best.images *= 2;
  }
  return best;
}

/// The tile's code for 1, 2, 4 and 8 images, up to TileShape::images; by vectors in a lane block.
struct TileSet {
  TileShape shape{};
  std::array<std::array<TileFunction, 4>, 2> functions{};
};

/// Adds the code for `Images` images, where the tile has room for as many.
template <WindowProduct P, int Images>
constexpr void add_tile(TileSet& set) {
  constexpr TileShape shape = choose_tile(P);
  constexpr std::size_t level = Images == 8 ? 3 : Images / 2;
  if constexpr (Images > shape.images) {
    return;
  } else if constexpr (P.layout.swapped()) {
    set.functions[0][level] = &dot_tile<Images, shape.columns, P.output_channels, shape.clip>;
  } else {
    if constexpr (P.layout.block_width(P.layout.blocks() - 1) == lanes)
      set.functions[0][level] = &lane_tile<Images, shape.columns, 1, shape.clip>;
    if constexpr (P.layout.block_width(0) == 2 * lanes)
      set.functions[1][level] = &lane_tile<Images, shape.columns, 2, shape.clip>;
  }
}

template <WindowProduct P>
constexpr TileSet tiles_for() {
  TileSet set{choose_tile(P), {}};
  add_tile<P, 1>(set);
  add_tile<P, 2>(set);
  add_tile<P, 4>(set);
  add_tile<P, 8>(set);
  return set;
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
