// SPDX-License-Identifier: MIT
#pragma once
// The loops around the weight tiles: pieces of the batch that are packed as the tiles read them, then a thread's
// share of the weights, then parts of the piece, small enough for the nearest caches.

#include <algorithm>
#include <array>
#include <cstddef>

#include "lamina/backend/cpu/packed_grid.hpp"
#include "lamina/backend/cpu/packed_layout.hpp"
#include "lamina/backend/cpu/parallel.hpp"
#include "lamina/backend/cpu/weight_tile.hpp"
#include "lamina/backend/cpu/window_product.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

/// A weight gradient over whole grids; the rows' channels are broadcast.
struct WeightProduct {
  WindowAxis vertical, horizontal;  // as gather_product sees them: outputs are small pixels
  int kernel_width;
  bool rows_are_big;
  bool matrix;          // both grids have one pixel, or one for each tap
  PackedLayout layout;  // as stored
  ChannelTiles big, small;

  constexpr int big_pixels() const { return vertical.input_extent * horizontal.input_extent; }
  constexpr int small_pixels() const { return vertical.count * horizontal.count; }
  constexpr std::ptrdiff_t big_image() const {
    return std::ptrdiff_t{1} * big_pixels() * big.channels;
  }
  constexpr std::ptrdiff_t small_image() const {
    return std::ptrdiff_t{1} * small_pixels() * small.channels;
  }
  constexpr std::ptrdiff_t rows_image() const { return rows_are_big ? big_image() : small_image(); }
  constexpr std::ptrdiff_t vectors_image() const {
    return rows_are_big ? small_image() : big_image();
  }
  constexpr std::ptrdiff_t tiles() const {
    return std::ptrdiff_t{1} * big.count() * small.count() * layout.taps;
  }

  /// Small pixels whose sums stay in registers: enough to pay for an update of the gradient, few enough for the second
  /// cache, which is larger where there is AVX-512.
  static constexpr int part_pixels = lanes >= 16 ? 1024 : 512;
  /// The same for the images of a product of matrices, whose vectors are copied into the nearest cache.
  static constexpr int part_matrix_images = 256;
  constexpr int part_images() const {
    return clamp_to(part_pixels / small_pixels(), 1, part_pixels);
  }
  constexpr int part_rows() const {
    return clamp_to(part_pixels / horizontal.count, 1, vertical.count);
  }

  /// Both grids' floats of one image as they are packed.
  constexpr std::ptrdiff_t packed_image() const {
    return std::ptrdiff_t{1} * big_pixels() * big.floats() +
           std::ptrdiff_t{1} * small_pixels() * small.floats();
  }
  /// Images that are packed together: a whole number of parts that the last cache holds, at least one.
  constexpr int piece_images() const {
    constexpr std::ptrdiff_t cached_floats = 500'000;
    const auto parts = static_cast<int>(cached_floats / (part_images() * packed_image()));
    return part_images() * clamp_to(parts, 1, ceil_div(part_pixels, part_images()));
  }
  /// Whether the rows of a product of matrices are packed. What one thread has packed another reads slowly, so that they are
  /// read where they lie, unless these places compete for the same few of a cache, or lie on more pages than a
  /// processor remembers; with AVX-512 there is time for that.
  constexpr bool packs_rows() const {
    constexpr std::ptrdiff_t page = 1024;
    return rows_image() >= page && (rows_image() % page == 0 || lanes < 16);
  }
  /// Floats for packed grids; of a product of matrices for the rows alone.
  constexpr WorkspaceSize packed_size() const {
    if (matrix) return {.per_image = static_cast<std::size_t>(packs_rows() ? layout.rows : 0)};
    return {.fixed = static_cast<std::size_t>(piece_images() * packed_image())};
  }
};

constexpr WeightProduct weight_product(const WindowGeometry& g, bool rows_are_big) {
  const auto product = [&](const WindowAxis& vertical, const WindowAxis& horizontal, int width,
                           const PackedLayout& layout) {
    const ChannelTiles rows{weight_rows(layout), layout.rows};
    const ChannelTiles blocks = lane_blocks(layout);
    return WeightProduct{vertical,
                         horizontal,
                         width,
                         rows_are_big,
                         g.is_matrix_product(),
                         layout,
                         rows_are_big ? rows : blocks,
                         rows_are_big ? blocks : rows};
  };
  if (g.is_matrix_product() && rows_are_big) {
    return product(single_pixel, single_pixel, 1, {1, g.taps() * g.big_channels, g.small_channels});
  }
  return product(gather_axis(g.big_height, g.small_height, g.kernel, g.stride, g.padding),
                 gather_axis(g.big_width, g.small_width, g.kernel, g.stride, g.padding), g.kernel,
                 rows_are_big ? gather_layout(g) : scatter_layout(g));
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

struct WeightOperands {
  const float *big, *small;
  float* gradient;
  float* workspace;  // as much as the way in which they are multiplied asks for
  GradientUpdate update = GradientUpdate::add;  // for products of matrices
};

/// What all tiles of one product have in common.
struct WeightRun {
  const WeightProduct& product;
  const WeightTap* taps;
  const WeightTiles& tiles;
  float* gradient;
  GradientUpdate update = GradientUpdate::add;

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
    a.gradient =
        gradient + layout.block_offset(block) +
        (std::ptrdiff_t{1} * tap * layout.rows + tiles.split.begin(row_tile)) * block_width;
    a.gradient_rows = consecutive_rows.data();
    a.end_rows = tiles.split.size(row_tile);
    a.update = update;
    tiles.at(row_tile).functions[block_width > lanes ? 1 : 0](a);
  }
};

/// The grids of some images, packed.
struct PackedGrids {
  PackedGrid big, small;
};

/// Packs the images [image, image + images), the vectors in front, where they are aligned.
inline PackedGrids pack_grids(const WeightProduct& p, const WeightOperands& operands, int image,
                              int images) {
  PackedGrid big{operands.workspace,
                 p.big,
                 images,
                 p.vertical.input_extent,
                 p.horizontal.input_extent,
                 p.vertical.input_step,
                 p.horizontal.input_step};
  PackedGrid small{operands.workspace, p.small, images, p.vertical.count, p.horizontal.count, 1, 1};
  if (p.rows_are_big) {
    big.data += small.size();
  } else {
    small.data += big.size();
  }
  big.pack(operands.big + image * p.big_image());
  small.pack(operands.small + image * p.small_image());
  return {big, small};
}

/// Images [image, image + images) of a piece, small rows `part`: the tiles [first, last) in the order of the big
/// grid's tiles, the small grid's, taps.
inline void add_convolution_part(const WeightRun& run, const PackedGrids& grids, int image,
                                 int images, IntRange part, std::ptrdiff_t first,
                                 std::ptrdiff_t last) {
  const WeightProduct& p = run.product;
  int tap = static_cast<int>(first % p.layout.taps);
  int small_tile = static_cast<int>(first / p.layout.taps % p.small.count());
  int big_tile = static_cast<int>(first / p.layout.taps / p.small.count());
  for (std::ptrdiff_t item = first; item < last; ++item) {
    const WeightTap& at = run.taps[tap];
    const IntRange y{(std::max)(at.y.first, part.first), (std::min)(at.y.last, part.last)};
    if (!y.empty() && !at.x.empty()) {
      const GridCursor big = grids.big.at(big_tile, image, p.vertical.input_at(y.first, at.row),
                                          p.horizontal.input_at(at.x.first, at.column));
      const GridCursor small = grids.small.at(small_tile, image, y.first, at.x.first);
      run.add_tile(p.rows_are_big ? big : small, p.rows_are_big ? small : big, images,
                   y.last - y.first, at.x.last - at.x.first, p.rows_are_big ? big_tile : small_tile,
                   p.rows_are_big ? small_tile : big_tile, tap);
    }
    if (++tap == p.layout.taps) {
      tap = 0;
      if (++small_tile == p.small.count()) {
        small_tile = 0;
        ++big_tile;
      }
    }
  }
}

/// One image is one pixel of each grid (for each tap): the tiles [first, last) in the order lane
/// block, tap, row tile. The vectors are copied once for each lane block and tap.
/// rows_of  where a row tile reads the first image's rows
/// vectors  of the first image
template <class RowsOf>
void add_matrix_part(const WeightRun& run, int images, const RowsOf& rows_of, const float* vectors,
                     std::ptrdiff_t first, std::ptrdiff_t last) {
  alignas(64) float buffer[WeightProduct::part_matrix_images * PackedLayout::block_lanes];
  const WeightProduct& p = run.product;
  const PackedLayout& layout = p.layout;
  const int row_tiles = run.tiles.split.tiles();

  int row_tile = static_cast<int>(first % row_tiles);
  int tap = static_cast<int>(first / row_tiles % layout.taps);
  int block = static_cast<int>(first / row_tiles / layout.taps);
  bool copied = false;
  for (std::ptrdiff_t item = first; item < last; ++item) {
    const int width = layout.block_width(block);
    if (!copied) {
      const int channel = block * PackedLayout::block_lanes;
      copy_channels(vectors + std::ptrdiff_t{1} * tap * layout.lane_channels + channel,
                    p.vectors_image(), images, layout.lane_channels - channel, width, buffer,
                    CopyEnd::exact);
      copied = true;
    }
    run.add_tile(rows_of(row_tile), {buffer, width, 0, 0}, images, 1, 1, row_tile, block, tap);
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

/// Where one image is one pixel of each grid, or one for each tap.
inline void run_matrix_gradient(WeightRun run, int n, double work_of_image,
                                const WeightOperands& operands) {
  const WeightProduct& p = run.product;
  const Split& split = run.tiles.split;
  for (int image = 0; image < n; image += WeightProduct::part_matrix_images) {
    const int images = (std::min)(WeightProduct::part_matrix_images, n - image);
    const float* const rows =
        (p.rows_are_big ? operands.big : operands.small) + image * p.rows_image();
    const float* const vectors =
        (p.rows_are_big ? operands.small : operands.big) + image * p.vectors_image();
    const PackedGrid packed{
        operands.workspace, p.rows_are_big ? p.big : p.small, images, 1, 1, 1, 1};
    if (p.packs_rows()) packed.pack(rows);
    const auto rows_of = [&](int tile) {
      return p.packs_rows() ? packed.at(tile, 0, 0, 0)
                            : GridCursor{rows + split.begin(tile), p.rows_image(), 0, 0};
    };
    // A range copies vectors, so that it should have several uses for each copy.
    parallel_ranges(
        p.tiles(), images * work_of_image,
        [&](std::ptrdiff_t first, std::ptrdiff_t last) {
          add_matrix_part(run, images, rows_of, vectors, first, last);
        },
        (std::max)(split.tiles() / std::ptrdiff_t{4}, p.tiles() / 16));
    run.update = GradientUpdate::add;
  }
}

inline void run_weight_product(const WeightProduct& p, const WeightTap* taps,
                               const WeightTiles& tiles, int n, const WeightOperands& operands) {
  const WeightRun run{p, taps, tiles, operands.gradient, operands.update};
  const double work_of_image =
      2.0 * p.small_pixels() * p.layout.taps * p.layout.rows * p.layout.lane_channels;
  if (p.matrix) {
    run_matrix_gradient(run, n, work_of_image, operands);
    return;
  }
  for (int image = 0; image < n; image += p.piece_images()) {
    const int images = (std::min)(p.piece_images(), n - image);
    const PackedGrids grids = pack_grids(p, operands, image, images);
    parallel_ranges(
        p.tiles(), images * work_of_image, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
          for (int at = 0; at < images; at += p.part_images()) {
            for (int y = 0; y < p.vertical.count; y += p.part_rows()) {
              add_convolution_part(run, grids, at, (std::min)(p.part_images(), images - at),
                                   {y, (std::min)(p.vertical.count, y + p.part_rows())}, first,
                                   last);
            }
          }
        });
  }
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
