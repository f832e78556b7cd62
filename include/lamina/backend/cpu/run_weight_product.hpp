// SPDX-License-Identifier: MIT
#pragma once
// The loops around the weight tiles: a part of the batch outermost, small enough for the nearest
// caches, then a thread's share of the weights. Where an operand's channels are read many times,
// they are first copied next to each other: channel counts are powers of two mostly, and pixels
// that far apart compete for the same few places of a cache.

#include <algorithm>
#include <array>
#include <cstddef>

#include "lamina/backend/cpu/packed_layout.hpp"
#include "lamina/backend/cpu/parallel.hpp"
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

/// Floats on the stack for an operand's copy.
inline constexpr int weight_buffer_floats = 16 * 1024;

/// What all tiles of one product have in common.
struct WeightRun {
  const WeightProduct& product;
  const WeightTap* taps;
  const WeightTileSet& tiles;
  const WeightOperands& operands;

  /// Adds one tile: `rows` and `vectors` stand at the first pixels that meet through `tap`.
  void add_tile(const GridCursor& rows, const GridCursor& vectors, int images, int height,
                int width, int row_tile, int block, int tap) const {
    const PackedLayout& layout = product.layout;
    const int last_row = (std::min)((row_tile + 1) * tiles.rows, layout.rows);
    const int first_row = last_row - tiles.rows;
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
                 (std::ptrdiff_t{1} * tap * layout.rows + first_row) * block_width;
    a.gradient_rows = consecutive_rows.data();
    a.first_stored = row_tile * tiles.rows - first_row;
    a.end_rows = tiles.rows;
    tiles.functions[block_width > lanes ? 1 : 0](a);
  }

  int row_tiles() const { return ceil_div(product.layout.rows, tiles.rows); }
  int first_row(int row_tile) const {
    return (std::min)(row_tile * tiles.rows, product.layout.rows - tiles.rows);
  }
};

/// One grid as a tile reads it: its own memory, or a copy of some channels of some rows.
struct WeightGrid {
  const float* data;
  std::ptrdiff_t image, row;
  int column, first_row;
  int step_y, step_x;  // from a small pixel to the next

  GridCursor at(int y, int x) const {
    return {data + ((y - first_row) * row + std::ptrdiff_t{1} * x * column), image, step_y * row,
            std::ptrdiff_t{1} * step_x * column};
  }
};

/// Images [image, image + images), small rows [first_y, last_y): the tiles [first, last) in the
/// order row tile, lane block, tap. The rows' channels are copied once for each row tile.
inline void add_convolution_part(const WeightRun& run, int image, int images, IntRange part,
                                 std::ptrdiff_t first, std::ptrdiff_t last) {
  alignas(64) float buffer[weight_buffer_floats];
  const WeightProduct& p = run.product;
  const PackedLayout& layout = p.layout;
  const WeightGrid big{run.operands.big + image * p.big_image,
                       p.big_image,
                       p.big_row,
                       p.big_channels,
                       0,
                       p.vertical.input_step,
                       p.horizontal.input_step};
  const WeightGrid small{run.operands.small + image * p.small_image,
                         p.small_image,
                         p.small_row,
                         p.small_channels,
                         0,
                         1,
                         1};
  WeightGrid rows = p.rows_are_big ? big : small;
  const WeightGrid& vectors = p.rows_are_big ? small : big;

  // The part of the rows' grid that these small rows meet.
  const int width = p.rows_are_big ? p.horizontal.input_extent : p.horizontal.count;
  const IntRange met =
      p.rows_are_big
          ? IntRange{clamp_to(p.vertical.input_at(part.first, 0), 0, p.vertical.input_extent),
                     clamp_to(p.vertical.input_at(part.last - 1, p.vertical.taps - 1) + 1, 0,
                              p.vertical.input_extent)}
          : part;
  const int met_rows = (std::max)(0, met.last - met.first);
  const bool copied =
      layout.rows > run.tiles.rows && layout.taps * layout.blocks() >= 6 &&
      std::ptrdiff_t{1} * images * met_rows * width * run.tiles.rows <= weight_buffer_floats;
  const float* own = rows.data;
  const std::ptrdiff_t own_image = rows.image;
  const std::ptrdiff_t own_row = rows.row;
  const int own_column = rows.column;
  if (copied) {
    rows.data = buffer;
    rows.column = run.tiles.rows;
    rows.row = std::ptrdiff_t{1} * width * run.tiles.rows;
    rows.image = met_rows * rows.row;
    rows.first_row = met.first;
  }

  int tap = static_cast<int>(first % layout.taps);
  int block = static_cast<int>(first / layout.taps % layout.blocks());
  int row_tile = static_cast<int>(first / layout.taps / layout.blocks());
  int copied_tile = -1;
  for (std::ptrdiff_t item = first; item < last; ++item) {
    const int first_row = run.first_row(row_tile);
    if (copied && copied_tile != row_tile) {
      for (int i = 0; i < images; ++i) {
        for (int y = met.first; y < met.last; ++y) {
          run.tiles.copy(own + (i * own_image + y * own_row + first_row), own_column, width,
                         buffer + (i * rows.image + (y - met.first) * rows.row));
        }
      }
      copied_tile = row_tile;
    }
    const WeightTap& at = run.taps[tap];
    const IntRange y{(std::max)(at.y.first, part.first), (std::min)(at.y.last, part.last)};
    if (!y.empty() && !at.x.empty()) {
      const int big_y = p.vertical.input_at(y.first, at.row);
      const int big_x = p.horizontal.input_at(at.x.first, at.column);
      GridCursor rows_at = p.rows_are_big ? rows.at(big_y, big_x) : rows.at(y.first, at.x.first);
      GridCursor vectors_at =
          p.rows_are_big ? vectors.at(y.first, at.x.first) : vectors.at(big_y, big_x);
      if (!copied) rows_at.data += first_row;
      vectors_at.data += block * PackedLayout::block_lanes;
      run.add_tile(rows_at, vectors_at, images, y.last - y.first, at.x.last - at.x.first, row_tile,
                   block, tap);
    }
    if (++tap == layout.taps) {
      tap = 0;
      if (++block == layout.blocks()) {
        block = 0;
        ++row_tile;
      }
    }
  }
}

/// One image is one pixel of each grid (for each tap): the tiles [first, last) in the order lane
/// block, tap, row tile. The vectors are copied once for each lane block and tap.
inline void add_matrix_part(const WeightRun& run, int image, int images, std::ptrdiff_t first,
                            std::ptrdiff_t last) {
  alignas(64) float buffer[weight_part_pixels * PackedLayout::block_lanes];
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
      const int channels = layout.lane_channels - block * PackedLayout::block_lanes;
      for (int i = 0; i < images; ++i, from += own_image) {
        float* to = buffer + i * width;
        for (int v = 0; v < width; v += lanes) {
          store(to + v, load_partial(from + v, (std::min)(lanes, channels - v)));
        }
      }
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
                               const WeightTileSet& tiles, int n, const WeightOperands& operands) {
  const WeightRun run{product, taps, tiles, operands};
  const PackedLayout& layout = product.layout;
  const int height = product.vertical.count;
  const int width = product.horizontal.count;
  const int part_images = (std::max)(1, weight_part_pixels / (height * width));
  const int part_rows = clamp_to(weight_part_pixels / width, 1, height);
  const std::ptrdiff_t items = std::ptrdiff_t{1} * run.row_tiles() * layout.blocks() * layout.taps;
  const double work = 2.0 * n * height * width * layout.taps * layout.rows * layout.lane_channels;
  parallel_ranges(items, work, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
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
  });
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
