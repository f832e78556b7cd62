// SPDX-License-Identifier: MIT
#pragma once
// The loops around the micro tiles of gather and scatter: image groups outermost, then lane
// blocks, columns, rows, and the images of the group. All sizes are run-time values here.

#include <algorithm>
#include <array>
#include <cstddef>

#include "lamina/backend/cpu/parallel.hpp"
#include "lamina/backend/cpu/tile.hpp"
#include "lamina/backend/cpu/tile_choice.hpp"
#include "lamina/backend/cpu/window_product.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

/// A windowed product and the tiles that compute it.
struct TiledProduct {
  WindowProduct product;
  RowTiles tiles;
};

struct ProductOperands {
  const float* input;
  const float* weights;
  float* output;
  Epilogue epilogue;
};

/// Where a column tile lies in a row, and its runs: at most five, two clipped on either side and
/// one in full.
struct ColumnTile {
  std::ptrdiff_t input, output;
  std::array<Run, 5> runs;
  int run_count;
};

inline ColumnTile column_tile(const WindowProduct& product, int rows_per_tap, int begin,
                              int columns) {
  const WindowAxis& axis = product.columns;
  const bool merged = product.contiguous_taps() && !product.layout.swapped();
  ColumnTile tile;
  tile.input = std::ptrdiff_t{1} * axis.input_at(begin, 0) * product.input_channels;
  tile.output =
      std::ptrdiff_t{1} * (axis.output_first + begin * axis.output_step) * product.output_channels;
  tile.run_count = 0;
  for (int tap = 0; tap < axis.taps; ++tap) {
    const IntRange range = axis.outputs_of(tap, begin, columns);
    if (range.empty()) continue;
    if (tile.run_count > 0) {
      Run& last = tile.runs[static_cast<std::size_t>(tile.run_count - 1)];
      if (last.first == range.first && last.last == range.last) {
        if (merged) {
          last.length += product.input_channels;
        } else {
          ++last.repeats;
        }
        continue;
      }
    }
    tile.runs[static_cast<std::size_t>(tile.run_count++)] = {
        std::ptrdiff_t{1} * tap * product.input_channels,
        std::ptrdiff_t{1} * tap * axis.tap_step * rows_per_tap,
        product.input_channels,
        1,
        range.first,
        range.last};
  }
  return tile;
}

/// Whether tiles ask for the next image's inputs. Windows that move on by more than a pixel read so many new inputs
/// for each multiplication that a tile would wait for them; the first lane block does it for all.
inline bool asks_ahead(const TiledProduct& tiled, int block) {
  return block == 0 && tiled.product.rows.input_step > 1 && tiled.tiles.wide.shape.images == 1;
}

/// One lane block of the images [first, last).
inline void run_block(const TiledProduct& tiled, const ProductOperands& operands, int first,
                      int last, int block) {
  const WindowProduct& product = tiled.product;
  const PackedLayout layout = product.layout.stored();
  const bool dot = product.layout.swapped();
  const int rows_per_tap = dot ? 1 : product.input_channels;
  const bool ahead = asks_ahead(tiled, block);
  const auto vectors = static_cast<std::size_t>(dot ? 1 : layout.block_width(block) / lanes);

  TileArguments a{};
  a.input_image = product.input_image;
  a.input_column = std::ptrdiff_t{1} * product.columns.input_step * product.input_channels;
  a.weights = operands.weights + (dot ? 0 : layout.block_offset(block));
  a.input_tap_row = product.input_row;
  a.weight_tap_row =
      std::ptrdiff_t{1} * product.rows.tap_step * product.kernel_width * rows_per_tap;
  a.input_tap = product.input_channels;
  a.weight_tap = std::ptrdiff_t{1} * product.columns.tap_step * rows_per_tap;
  a.output_image = product.output_image;
  a.output_column = std::ptrdiff_t{1} * product.columns.output_step * product.output_channels;
  a.channel = dot ? 0 : block * PackedLayout::block_lanes;
  a.channels = product.output_channels - a.channel;
  a.epilogue = operands.epilogue;
  a.input_channels = product.input_channels;
  a.weight_block = layout.block_offset(1);

  // Row by row, so that memory is read and written in its own order.
  constexpr int most_tiles = 32;
  std::array<ColumnTile, most_tiles> tiles;
  const Split& split = tiled.tiles.split;
  for (int first_tile = 0; first_tile < split.tiles(); first_tile += most_tiles) {
    const int tiles_here = (std::min)(most_tiles, split.tiles() - first_tile);
    for (int t = 0; t < tiles_here; ++t) {
      tiles[static_cast<std::size_t>(t)] = column_tile(
          product, rows_per_tap, split.begin(first_tile + t), split.size(first_tile + t));
    }
    for (int row = 0; row < product.rows.count; ++row) {
      const IntRange taps = product.rows.taps_of(row);
      const std::ptrdiff_t input_row = product.rows.input_at(row, taps.first) * product.input_row;
      const std::ptrdiff_t output_row =
          (product.rows.output_first + row * product.rows.output_step) * product.output_row +
          a.channel;
      a.tap_rows = taps.last - taps.first;
      a.weight_origin =
          (std::ptrdiff_t{1} * (product.rows.tap_first + taps.first * product.rows.tap_step) *
               product.kernel_width +
           product.columns.tap_first) *
          rows_per_tap;
      // The next image's rows of inputs that no row above this one has asked for; each tile asks for a share.
      const int new_rows = row == 0 ? a.tap_rows : (std::min)(a.tap_rows, product.rows.input_step);
      const std::ptrdiff_t ahead_at =
          product.input_image + input_row + (a.tap_rows - new_rows) * product.input_row;
      const std::ptrdiff_t ahead_lines =
          ahead ? new_rows * product.input_row / (tiles_here * cache_line_floats) : 0;
      for (int t = 0; t < tiles_here; ++t) {
        const ColumnTile& tile = tiles[static_cast<std::size_t>(t)];
        a.runs = tile.runs.data();
        a.run_count = tile.run_count;
        a.input_origin = input_row + tile.input;
        a.ahead_lines =
            ceil_div(static_cast<int>(ahead_lines), (std::max)(1, a.tap_rows * a.run_count));
        tiled.tiles.at(first_tile + t)
            .cover(vectors, first, last, [&](TileFunction function, int image) {
              a.input = operands.input + image * product.input_image;
              a.ahead = a.input + ahead_at + t * ahead_lines * cache_line_floats;
              a.output =
                  operands.output + (image * product.output_image + output_row + tile.output);
              function(a);
            });
      }
    }
  }
}

/// One image in a product of matrices: blocks_together lane blocks from `block` on, as far as there are any.
inline void run_blocks(const TiledProduct& tiled, const ProductOperands& operands, int block) {
  const PackedLayout& layout = tiled.product.layout;
  const int channel = block * PackedLayout::block_lanes;
  if (layout.lane_channels - channel < blocks_together * PackedLayout::block_lanes) {
    for (; block < layout.blocks(); ++block)
      run_block(tiled, operands, 0, 1, block);
    return;
  }
  TileArguments a{};
  a.input = operands.input;
  a.input_channels = layout.rows;
  a.weights = operands.weights + layout.block_offset(block);
  a.weight_block = layout.block_offset(1);
  a.output = operands.output + channel;
  a.channel = channel;
  a.epilogue = operands.epilogue;
  tiled.tiles.of_blocks(a);
}

/// Multiply-adds of one image, padding included, times two.
constexpr double operations(const WindowProduct& p) {
  return 2.0 * p.rows.count * p.columns.count * p.rows.taps * p.columns.taps * p.input_channels *
         p.output_channels;
}

/// Images in groups of almost one size, each of whole tiles.
struct ImageGroups {
  int images, tile, tiles;
  int count;

  ImageGroups(const TiledProduct& tiled, int n, double work)
      : images(n), tile(tiled.tiles.images()), tiles(ceil_div(n, tile)) {
    const int threads = threads_for(work);
    count = (std::min)(tiles, threads * ceil_div(n, threads * cached_images(tiled.product)));
  }
  ItemRange at(std::ptrdiff_t group) const {
    const std::ptrdiff_t last = tiles * (group + 1) / count * tile;
    return {tiles * group / count * tile, (std::min)(std::ptrdiff_t{images}, last)};
  }
};

/// Products of the same input that write disjoint pixels of the same output.
template <std::size_t Count>
void run_products(const std::array<TiledProduct, Count>& products, int n,
                  const ProductOperands& operands) {
  double work = 0;
  for (const TiledProduct& tiled : products)
    work += n * operations(tiled.product);
  const TiledProduct& first_product = products.front();
  const PackedLayout& layout = first_product.product.layout;
  const int blocks = layout.swapped() ? 1 : layout.blocks();
  if (Count == 1 && n == 1 && first_product.tiles.of_blocks != nullptr) {
    parallel_ranges(
        ceil_div(blocks, blocks_together), work, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
          for (; first < last; ++first)
            run_blocks(first_product, operands, static_cast<int>(first) * blocks_together);
        });
    return;
  }
  const ImageGroups groups(first_product, n, work);
  // Threads share out what there is more of, and each reads all of the other.
  const bool share_weights =
      static_cast<std::ptrdiff_t>(layout.size()) > n * first_product.product.input_image;
  parallel_ranges(
      std::ptrdiff_t{groups.count} * blocks, work, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        for (std::ptrdiff_t item = first; item < last; ++item) {
          const ItemRange images = groups.at(share_weights ? item % groups.count : item / blocks);
          const auto block = static_cast<int>(share_weights ? item / groups.count : item % blocks);
          for (const TiledProduct& tiled : products)
            run_block(tiled, operands, static_cast<int>(images.first),
                      static_cast<int>(images.last), block);
        }
      });
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
