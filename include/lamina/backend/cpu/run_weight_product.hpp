// SPDX-License-Identifier: MIT
#pragma once
// The loops around the weight tiles: a part of the batch outermost, small enough for the nearest
// caches, then a thread's share of the weights.

#include <algorithm>
#include <array>
#include <cstddef>

#include "lamina/backend/cpu/packed_layout.hpp"
#include "lamina/backend/cpu/parallel.hpp"
#include "lamina/backend/cpu/weight_grid.hpp"
#include "lamina/backend/cpu/weight_tile.hpp"
#include "lamina/backend/cpu/window_product.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

/// A weight gradient over whole grids; the rows' channels are broadcast.
struct WeightProduct {
  WindowAxis vertical, horizontal;  // as gather_product sees them: outputs are small pixels
  int kernel_width;
  bool rows_are_big;
  bool matrix;  // both grids have one pixel, or one for each tap
  std::ptrdiff_t big_image, big_row, small_image, small_row;
  int big_channels, small_channels;
  PackedLayout layout;  // as stored
};

constexpr WeightProduct weight_product(const WindowGeometry& g, bool rows_are_big) {
  if (g.is_matrix_product() && rows_are_big) {
    const int reduced = g.taps() * g.big_channels;
    return {single_pixel,
            single_pixel,
            1,
            true,
            true,
            reduced,
            reduced,
            g.small_size(),
            g.small_size(),
            reduced,
            g.small_channels,
            PackedLayout{1, reduced, g.small_channels}};
  }
  return {gather_axis(g.big_height, g.small_height, g.kernel, g.stride, g.padding),
          gather_axis(g.big_width, g.small_width, g.kernel, g.stride, g.padding),
          g.kernel,
          rows_are_big,
          g.is_matrix_product(),
          g.big_size(),
          std::ptrdiff_t{1} * g.big_width * g.big_channels,
          g.small_size(),
          std::ptrdiff_t{1} * g.small_width * g.small_channels,
          g.big_channels,
          g.small_channels,
          rows_are_big ? gather_layout(g) : scatter_layout(g)};
}

/// A tap and the small pixels that meet the big grid through it.
struct WeightTap {
  int row, column;
  IntRange y, x;
};

template <WeightProduct P>
constexpr auto weight_taps() {
  std::array<WeightTap, static_cast<std::size_t>(P.layout.taps)> taps{};
  for (int tap = 0; tap < P.layout.taps; ++tap) {
    const int row = tap / P.kernel_width;
    const int column = tap % P.kernel_width;
    taps[static_cast<std::size_t>(tap)] = {row, column,
                                           P.vertical.outputs_of(row, 0, P.vertical.count),
                                           P.horizontal.outputs_of(column, 0, P.horizontal.count)};
  }
  return taps;
}

/// Small pixels whose sums stay in registers: enough to pay for an update of the gradient.
inline constexpr int weight_part_pixels = 256;

struct WeightOperands {
  const float *big, *small;
  float* gradient;
};

/// What all tiles of one product have in common.
struct WeightRun {
  const WeightProduct& product;
  const WeightTap* taps;
  const WeightTiles& tiles;
  const WeightOperands& operands;

  /// Adds one tile: `rows` and `vectors` stand at the first pixels that meet through `tap`.
  void add_tile(const GridCursor& rows, const GridCursor& vectors, int images, int height,
                int width, int row_tile, int block, int tap) const {
    const PackedLayout& layout = product.layout;
    const int block_width = layout.block_width(block);
    const bool one_pixel = height * width == 1;
    WeightTileArguments a{};
    a.rows = rows;
    a.vectors = vectors;
    a.images = one_pixel ? 1 : images;
    a.height = height;
    a.width = one_pixel ? images : width;
    if (one_pixel) {
      a.rows.column = rows.image;
      a.vectors.column = vectors.image;
    }
    a.channels = layout.lane_channels - block * PackedLayout::block_lanes;
    a.gradient = operands.gradient + layout.block_offset(block) +
                 (std::ptrdiff_t{1} * tap * layout.rows + first_row(row_tile)) * block_width;
    a.gradient_rows = consecutive_rows.data();
    a.end_rows = tiles.split.size(row_tile);
    tiles.at(row_tile).functions[block_width > lanes ? 1 : 0](a);
  }

  int row_tiles() const { return tiles.split.tiles(); }
  int first_row(int row_tile) const { return tiles.split.begin(row_tile); }

  TileChannels rows_of(int row_tile) const {
    const int rows = tiles.split.size(row_tile);
    return {first_row(row_tile), rows, rows};
  }
  TileChannels lanes_of(int block) const {
    const int first = block * PackedLayout::block_lanes;
    return {first, product.layout.block_width(block), product.layout.lane_channels - first};
  }
};

/// Images [image, image + images), small rows [part.first, part.last): the tiles [first, last) in the order
/// outer, inner, tap. Outer are the tiles of the big grid's channels, which every tap reads anew: row tiles
/// where the rows are the big grid, else lane blocks. Vectors of the small grid are not copied, as it does
/// not pay.
inline void add_convolution_part(const WeightRun& run, int image, int images, IntRange part,
                                 std::ptrdiff_t first, std::ptrdiff_t last) {
  const WeightProduct& p = run.product;
  const PackedLayout& layout = p.layout;
  const WeightGrid own_small{run.operands.small + image * p.small_image,
                             p.small_image,
                             p.small_row,
                             p.small_channels,
                             0,
                             1,
                             1};
  const WeightGrid own_big{run.operands.big + image * p.big_image,
                           p.big_image,
                           p.big_row,
                           p.big_channels,
                           0,
                           p.vertical.input_step,
                           p.horizontal.input_step};

  // The part of the big grid that these small rows meet.
  const IntRange met{clamp_to(p.vertical.input_at(part.first, 0), 0, p.vertical.input_extent),
                     clamp_to(p.vertical.input_at(part.last - 1, p.vertical.taps - 1) + 1, 0,
                              p.vertical.input_extent)};
  const int outer_tiles = p.rows_are_big ? run.row_tiles() : layout.blocks();
  const int inner_tiles = p.rows_are_big ? layout.blocks() : run.row_tiles();
  const int widest_rows = run.tiles.split.wide;
  TileCopies<1280 * PackedLayout::block_lanes> big_copies(
      own_big, images, met, p.horizontal.input_extent,
      p.rows_are_big ? widest_rows : layout.block_width(0));
  TileCopies<(weight_part_pixels + lanes) * 24> small_copies(own_small, images, part,
                                                             p.horizontal.count, widest_rows);
  const bool big_copied = big_copies.fit() && outer_tiles > 1 && layout.taps * inner_tiles >= 6;
  const bool small_copied = small_copies.fit() && !p.rows_are_big && layout.taps >= 6;
  const auto outer_channels = [&](int tile) {
    return p.rows_are_big ? run.rows_of(tile) : run.lanes_of(tile);
  };
  const auto inner_channels = [&](int tile) {
    return p.rows_are_big ? run.lanes_of(tile) : run.rows_of(tile);
  };

  int tap = static_cast<int>(first % layout.taps);
  int inner = static_cast<int>(first / layout.taps % inner_tiles);
  int outer = static_cast<int>(first / layout.taps / inner_tiles);
  const int last_outer = static_cast<int>((last - 1) / layout.taps / inner_tiles);
  WeightGrid big = own_big;
  WeightGrid small = own_small;
  int big_tile = -1;
  int small_tile = -1;
  for (std::ptrdiff_t item = first; item < last; ++item) {
    if (big_tile != outer) {
      big_tile = outer;
      big = big_copied ? big_copies.at(outer, last_outer, outer_channels)
                       : own_big.from_channel(outer_channels(outer).first);
    }
    if (small_tile != inner) {
      small_tile = inner;
      small = small_copied ? small_copies.at(inner, inner_tiles - 1, inner_channels)
                           : own_small.from_channel(inner_channels(inner).first);
    }
    const WeightTap& at = run.taps[tap];
    const IntRange y{(std::max)(at.y.first, part.first), (std::min)(at.y.last, part.last)};
    if (!y.empty() && !at.x.empty()) {
      const GridCursor big_at = big.at(p.vertical.input_at(y.first, at.row),
                                       p.horizontal.input_at(at.x.first, at.column));
      const GridCursor small_at = small.at(y.first, at.x.first);
      run.add_tile(p.rows_are_big ? big_at : small_at, p.rows_are_big ? small_at : big_at, images,
                   y.last - y.first, at.x.last - at.x.first, p.rows_are_big ? outer : inner,
                   p.rows_are_big ? inner : outer, tap);
    }
    if (++tap == layout.taps) {
      tap = 0;
      if (++inner == inner_tiles) {
        inner = 0;
        ++outer;
      }
    }
  }
}

/// One image is one pixel of each grid (for each tap): the tiles [first, last) in the order lane
/// block, tap, row tile. The vectors are copied once for each lane block and tap.
inline void add_matrix_part(const WeightRun& run, int image, int images, std::ptrdiff_t first,
                            std::ptrdiff_t last) {
  alignas(64) float buffer[weight_part_pixels * PackedLayout::block_lanes + lanes];
  const WeightProduct& p = run.product;
  const PackedLayout& layout = p.layout;
  const float* own = p.rows_are_big ? run.operands.small : run.operands.big;
  const std::ptrdiff_t own_image = p.rows_are_big ? p.small_image : p.big_image;
  const float* rows = p.rows_are_big ? run.operands.big : run.operands.small;
  const std::ptrdiff_t rows_image = p.rows_are_big ? p.big_image : p.small_image;
  const int row_tiles = run.row_tiles();

  int row_tile = static_cast<int>(first % row_tiles);
  int tap = static_cast<int>(first / row_tiles % layout.taps);
  int block = static_cast<int>(first / row_tiles / layout.taps);
  bool copied = false;
  for (std::ptrdiff_t item = first; item < last; ++item) {
    const int width = layout.block_width(block);
    if (!copied) {
      const float* from =
          own + (image * own_image + std::ptrdiff_t{1} * tap * layout.lane_channels +
                 block * PackedLayout::block_lanes);
      copy_channels(from, own_image, images,
                    layout.lane_channels - block * PackedLayout::block_lanes, width, buffer);
      copied = true;
    }
    run.add_tile({rows + (image * rows_image + run.first_row(row_tile)), rows_image, 0, 0},
                 {buffer, width, 0, 0}, images, 1, 1, row_tile, block, tap);
    if (++row_tile == row_tiles) {
      row_tile = 0;
      copied = false;
      if (++tap == layout.taps) {
        tap = 0;
        ++block;
      }
    }
  }
}

inline void run_weight_product(const WeightProduct& product, const WeightTap* taps,
                               const WeightTiles& tiles, int n, const WeightOperands& operands) {
  const WeightRun run{product, taps, tiles, operands};
  const PackedLayout& layout = product.layout;
  const int height = product.vertical.count;
  const int width = product.horizontal.count;
  const int part_images = (std::max)(1, weight_part_pixels / (height * width));
  const int part_rows = clamp_to(weight_part_pixels / width, 1, height);
  const std::ptrdiff_t items = std::ptrdiff_t{1} * run.row_tiles() * layout.blocks() * layout.taps;
  const double work = 2.0 * n * height * width * layout.taps * layout.rows * layout.lane_channels;
  // A range makes its own copies of channels, so that it should have several uses for each.
  const int copied_for = product.matrix         ? run.row_tiles()
                         : product.rows_are_big ? layout.blocks() * layout.taps
                                                : run.row_tiles() * layout.taps;
  parallel_ranges(
      items, work,
      [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        for (int image = 0; image < n; image += part_images) {
          const int images = (std::min)(part_images, n - image);
          if (product.matrix) {
            add_matrix_part(run, image, images, first, last);
            continue;
          }
          for (int y = 0; y < height; y += part_rows) {
            add_convolution_part(run, image, images, {y, (std::min)(height, y + part_rows)}, first,
                                 last);
          }
        }
      },
      (std::max)({std::ptrdiff_t{1}, copied_for / std::ptrdiff_t{4}, items / 16}));
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
