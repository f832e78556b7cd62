// SPDX-License-Identifier: MIT
#pragma once
// The micro tile of weight gradients: Rows channels of one grid, broadcast, times one lane block of
// the other grid, summed in registers over pixels and images and then added to the gradient.

#include <algorithm>
#include <array>
#include <cstddef>

#include "lamina/backend/cpu/factors.hpp"
#include "lamina/backend/cpu/packed_grid.hpp"
#include "lamina/backend/cpu/packed_layout.hpp"
#include "lamina/backend/cpu/simd.hpp"
#include "lamina/backend/cpu/split.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

struct WeightTileArguments {
  GridCursor rows;            // at the tile's first row channel
  GridCursor vectors;         // at the lane block's first channel
  int images, height, width;  // at least one each
  int channels;               // of the vector grid, left from the lane block's first one on
  float* gradient;            // of the tile's first row
  const int* gradient_rows;   // where the tile's rows lie, counted from there
  int end_rows;               // those before it are the tile's to add
  GradientUpdate update;      // of the gradient there
  const float* ahead;         // what later tiles read, asked for meanwhile, or null;
  std::ptrdiff_t ahead_step;  // with each pixel farther on
};

using WeightTileFunction = void (*)(const WeightTileArguments&);

/// Rows that lie one behind the other.
inline constexpr std::array<int, 8> consecutive_rows{0, 1, 2, 3, 4, 5, 6, 7};

/// Partial: the lane block's last vector has fewer than `lanes` channels.
template <int Rows, int Vectors, bool Partial, class Factors>
[[gnu::noinline]] void weight_tile(const WeightTileArguments& a) {
  Vec sum[std::size_t{Rows}][std::size_t{Vectors}];
  clear_sums(sum);
  const int left = a.channels - (Vectors - 1) * lanes;
  const int last_count = left < lanes ? left : lanes;
  const std::ptrdiff_t rows_column = a.rows.column;
  const std::ptrdiff_t vectors_column = a.vectors.column;
  std::ptrdiff_t rows_to_next_row = a.rows.row - a.width * rows_column;
  std::ptrdiff_t rows_to_next_image = a.rows.image - a.height * a.rows.row;
  std::ptrdiff_t vectors_to_next_row = a.vectors.row - a.width * vectors_column;
  std::ptrdiff_t vectors_to_next_image = a.vectors.image - a.height * a.vectors.row;
  const float* rows = a.rows.data;
  const float* vectors = a.vectors.data;
  // Asking for what is near costs nothing, for address 0 it does.
  const float* ahead = a.ahead == nullptr ? a.vectors.data : a.ahead;
  const std::ptrdiff_t ahead_step = a.ahead_step;
  int images = a.images;
  // The gradient comes near while the sums are made.
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) {
    if (r >= a.end_rows) continue;
    float* const gradient = a.gradient + std::ptrdiff_t{1} * a.gradient_rows[r] * (Vectors * lanes);
#pragma GCC unroll 2
    for (int v = 0; v < Vectors; ++v)
      bring_near_to_write(gradient + v * lanes);
  }
  do {
    int height = a.height;
    do {
      int columns = a.width;
      keep_in_memory(images, height, rows_to_next_row, rows_to_next_image, vectors_to_next_row,
                     vectors_to_next_image);
      do {
        Vec vector[std::size_t{Vectors}];
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v) {
          vector[v] =
              held(Partial && v == Vectors - 1 ? load_partial(vectors + v * lanes, last_count)
                                               : load_unaligned(vectors + v * lanes));
        }
#pragma GCC unroll 16
        for (int r = 0; r < Rows; ++r) {
          const Vec value = broadcast(rows[r]);
#pragma GCC unroll 2
          for (int v = 0; v < Vectors; ++v)
            sum[r][v] = Factors::multiply_add(value, vector[v], sum[r][v]);
        }
        rows += rows_column;
        vectors += vectors_column;
        bring_halfway(ahead);
        ahead += ahead_step;
      } while (--columns > 0);
      rows += rows_to_next_row;
      vectors += vectors_to_next_row;
    } while (--height > 0);
    rows += rows_to_next_image;
    vectors += vectors_to_next_image;
  } while (--images > 0);
  const bool add = a.update == GradientUpdate::add;
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) {
    if (r >= a.end_rows) continue;
    float* const gradient = a.gradient + std::ptrdiff_t{1} * a.gradient_rows[r] * (Vectors * lanes);
#pragma GCC unroll 2
    for (int v = 0; v < Vectors; ++v) {
      const Vec total = add ? load(gradient + v * lanes) + sum[r][v] : sum[r][v];
      // A NaN in the rows would reach unused lanes, which stay zero.
      if (Partial && v == Vectors - 1) {
        store_partial(gradient + v * lanes, total, last_count);
      } else {
        store(gradient + v * lanes, total);
      }
    }
  }
}

/// The tile's code: for one and two vectors in a lane block.
struct WeightTileSet {
  std::array<WeightTileFunction, 2> functions{};
};

template <int Rows, PackedLayout Layout, class Factors>
constexpr WeightTileSet weight_tile_set() {
  constexpr bool partial = Layout.lane_channels % lanes != 0;
  WeightTileSet tiles{};
  if constexpr (Layout.block_width(Layout.blocks() - 1) == lanes) {
    tiles.functions[0] = &weight_tile<Rows, 1, partial, Factors>;
  }
  if constexpr (Layout.block_width(0) == 2 * lanes) {
    tiles.functions[1] = &weight_tile<Rows, 2, partial, Factors>;
  }
  return tiles;
}

/// The tiles of a layout's rows.
struct WeightTiles {
  Split split{};
  WeightTileSet wide{}, narrow{};

  constexpr const WeightTileSet& at(int tile) const {
    return tile < split.wide_tiles ? wide : narrow;
  }
};

constexpr Split weight_rows(const PackedLayout& layout) {
  return cheapest_split(layout.rows, most_pairs_of_sums);
}

template <PackedLayout Layout, class Factors>
constexpr WeightTiles weight_tiles() {
  constexpr Split split = weight_rows(Layout);
  WeightTiles tiles{split, weight_tile_set<split.wide, Layout, Factors>(), {}};
  if constexpr (split.narrow_tiles > 0)
    tiles.narrow = weight_tile_set<split.narrow, Layout, Factors>();
  return tiles;
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
