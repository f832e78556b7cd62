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
namespace kernel {

/// A windowed product and the tiles that compute it.
struct TiledProduct {
  WindowProduct product;
  TileSet tiles;
};

struct ProductOperands {
  const float* input;
  const float* weights;
  float* output;
  Epilogue epilogue;
};

/// The runs of one column tile: at most five, two clipped on either side and one in full.
struct RunList {
  std::array<Run, 5> runs;
  int count = 0;
};

inline RunList runs_of(const WindowProduct& product, int rows_per_tap, int begin, int columns) {
  const WindowAxis& axis = product.columns;
  const bool merged = product.contiguous_taps() && !product.layout.swapped();
  RunList list;
  for (int tap = 0; tap < axis.taps; ++tap) {
    const IntRange range = axis.outputs_of(tap, begin, columns);
    if (range.empty()) continue;
    Run* last = list.count > 0 ? &list.runs[static_cast<std::size_t>(list.count - 1)] : nullptr;
    if (last != nullptr && last->first == range.first && last->last == range.last) {
      if (merged) {
        last->length += product.input_channels;
      } else {
        ++last->repeats;
      }
      continue;
    }
    list.runs[static_cast<std::size_t>(list.count++)] = {
        std::ptrdiff_t{1} * tap * axis.direction * product.input_channels,
        std::ptrdiff_t{1} * tap * axis.tap_step * rows_per_tap,
        product.input_channels,
        1,
        range.first,
        range.last};
  }
  return list;
}

/// One lane block of the images [first, last).
inline void run_block(const TiledProduct& tiled, const ProductOperands& operands, int first,
                      int last, int block) {
  const WindowProduct& product = tiled.product;
  const TileShape shape = tiled.tiles.shape;
  const PackedLayout layout = product.layout.stored();
  const bool dot = product.layout.swapped();
  const int rows_per_tap = dot ? 1 : product.input_channels;
  const int columns = shape.columns;
  const int vectors = dot ? 1 : layout.block_width(block) / lanes;
  const auto& functions = tiled.tiles.functions[static_cast<std::size_t>(vectors - 1)];

  TileArguments a{};
  a.input_image = product.input_image;
  a.input_column = std::ptrdiff_t{1} * product.columns.input_step * product.input_channels;
  a.weights = operands.weights + (dot ? 0 : layout.block_offset(block));
  a.input_tap_row = product.rows.direction * product.input_row;
  a.weight_tap_row =
      std::ptrdiff_t{1} * product.rows.tap_step * product.kernel_width * rows_per_tap;
  a.input_tap = std::ptrdiff_t{1} * product.columns.direction * product.input_channels;
  a.weight_tap = std::ptrdiff_t{1} * product.columns.tap_step * rows_per_tap;
  a.output_image = product.output_image;
  a.output_column = std::ptrdiff_t{1} * product.columns.output_step * product.output_channels;
  a.channel = dot ? 0 : block * PackedLayout::block_lanes;
  a.channels = product.output_channels - a.channel;
  a.epilogue = operands.epilogue;
  a.input_channels = product.input_channels;
  a.weight_block = layout.block_offset(1);

  for (int t = 0; t < ceil_div(product.columns.count, columns); ++t) {
    const int begin = tile_begin(t, columns, product.columns.count);
    const RunList list = runs_of(product, rows_per_tap, begin, columns);
    a.runs = list.runs.data();
    a.run_count = list.count;
    const std::ptrdiff_t output_column =
        (product.columns.output_first + begin * product.columns.output_step) *
            std::ptrdiff_t{product.output_channels} +
        a.channel;
    for (int row = 0; row < product.rows.count; ++row) {
      const IntRange taps = product.rows.taps_of(row);
      a.tap_rows = taps.last - taps.first;
      a.input_origin =
          product.rows.input_at(row, taps.first) * product.input_row +
          std::ptrdiff_t{1} * product.columns.input_at(begin, 0) * product.input_channels;
      a.weight_origin = (std::ptrdiff_t{1} *
                             (product.rows.tap_first + taps.first * product.rows.tap_step) *
                             product.kernel_width +
                         product.columns.tap_first) *
                        rows_per_tap;
      const std::ptrdiff_t output_pixel =
          (product.rows.output_first + row * product.rows.output_step) * product.output_row +
          output_column;
      int images = shape.images;
      std::size_t level = images == 8 ? 3 : static_cast<std::size_t>(images / 2);
      for (int image = first; image < last; image += images) {
        while (images > last - image) {
          images /= 2;
          --level;
        }
        a.input = operands.input + image * product.input_image;
        a.output = operands.output + image * product.output_image + output_pixel;
        functions[level](a);
      }
    }
  }
}

/// Images that share one pass over the weights: as many as the second-level cache holds.
inline int images_per_group(const TiledProduct& tiled, int n, int threads) {
  constexpr std::ptrdiff_t cached_floats = 100'000;
  const std::ptrdiff_t most = (std::max<std::ptrdiff_t>)(
      1, cached_floats / (std::max<std::ptrdiff_t>)(1, tiled.product.input_image));
  const int fair = ceil_div(n, threads);
  const int wanted = static_cast<int>((std::min<std::ptrdiff_t>)({most, 64, fair}));
  return ceil_div(wanted, tiled.tiles.shape.images) * tiled.tiles.shape.images;
}

/// Multiply-adds of one image, padding included, times two.
constexpr double operations(const WindowProduct& p) {
  return 2.0 * p.rows.count * p.columns.count * p.rows.taps * p.columns.taps * p.input_channels *
         p.output_channels;
}

/// Products of the same input that write disjoint pixels of the same output.
template <std::size_t Count>
void run_products(const std::array<TiledProduct, Count>& products, int n,
                  const ProductOperands& operands) {
  double work = 0;
  for (const TiledProduct& tiled : products) work += n * operations(tiled.product);
  const TiledProduct& first_product = products.front();
  const PackedLayout& layout = first_product.product.layout;
  const int blocks = layout.swapped() ? 1 : layout.blocks();
  const int group = images_per_group(first_product, n, threads_for(work));
  const std::ptrdiff_t items = std::ptrdiff_t{1} * ceil_div(n, group) * blocks;
  parallel_ranges(items, work, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
    for (std::ptrdiff_t item = first; item < last; ++item) {
      const int begin = static_cast<int>(item / blocks) * group;
      const int end = (std::min)(n, begin + group);
      for (const TiledProduct& tiled : products) {
        run_block(tiled, operands, begin, end, static_cast<int>(item % blocks));
      }
    }
  });
}

}  // namespace kernel
}  // namespace lamina::inline LAMINA_ISA
