// SPDX-License-Identifier: MIT
#pragma once
// The weight gradient where one grid has one to four channels (images, mostly): the few channels of
// all taps that a pixel meets are laid out side by side in a small buffer, so that taps become rows
// of the tile. There are few weights then, so threads share the images: in a fixed number of
// chunks, summed in order.

#include <algorithm>
#include <array>
#include <cstddef>

#include "lamina/backend/cpu/packed_layout.hpp"
#include "lamina/backend/cpu/parallel.hpp"
#include "lamina/backend/cpu/unfold.hpp"
#include "lamina/backend/cpu/weight_tile.hpp"
#include "lamina/backend/cpu/window_product.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

/// Whether and how this way is taken.
struct FewRows {
  static constexpr int chunks = 8;
  static constexpr int buffer_floats = 6144;

  bool used;
  bool rows_are_big;
  int phases;     // one where the rows are the big grid, else the stride's
  int tile_rows;  // of the weight tile
  int unfolded;   // floats a pixel takes in the buffer: a multiple of tile_rows
};

constexpr FewRows few_rows(const WindowGeometry& g, bool rows_are_big) {
  const int channels = rows_are_big ? g.big_channels : g.small_channels;
  const int taps = rows_are_big ? g.kernel : ceil_div(g.kernel, g.stride);
  const int unfolded = taps * taps * channels;
  if (channels > PackedLayout::few || g.is_matrix_product() || unfolded > 1024) return {};
  const int tile_rows = ceil_div(unfolded, ceil_div(unfolded, most_pairs_of_sums));
  return {true, rows_are_big, rows_are_big ? 1 : g.stride * g.stride, tile_rows,
          ceil_div(unfolded, tile_rows) * tile_rows};
}

/// Adds one image of one phase.
inline void add_unfolded_image(const WindowProduct& product, const PackedLayout& layout,
                               const FewRows& few, const UnfoldedRows& unfolded,
                               const WeightTileSet& tiles, const float* input, const float* output,
                               float* gradient) {
  alignas(64) float buffer[FewRows::buffer_floats + lanes];
  const int capacity = FewRows::buffer_floats / few.unfolded;
  const int width = (std::min)(capacity, product.columns.count);
  const int height = (std::max)(1, (std::min)(product.rows.count, capacity / width));
  for (int y = 0; y < product.rows.count; y += height) {
    const int end_y = (std::min)(y + height, product.rows.count);
    for (int x = 0; x < product.columns.count; x += width) {
      const int end_x = (std::min)(x + width, product.columns.count);
      for (int row = y; row < end_y; ++row) {
        unfold_pixels(product, input, row, x, end_x, few.unfolded,
                      buffer + (row - y) * (end_x - x) * few.unfolded);
      }
      WeightTileArguments a{};
      a.images = 1;
      a.height = end_y - y;
      a.width = end_x - x;
      a.rows = {buffer, 0, std::ptrdiff_t{1} * a.width * few.unfolded, few.unfolded};
      const std::ptrdiff_t output_row = product.rows.output_step * product.output_row;
      const std::ptrdiff_t output_column =
          std::ptrdiff_t{1} * product.columns.output_step * product.output_channels;
      const float* vectors =
          output + (product.rows.output_first + y * product.rows.output_step) * product.output_row +
          (product.columns.output_first + x * product.columns.output_step) *
              std::ptrdiff_t{product.output_channels};
      for (int block = 0; block < layout.blocks(); ++block) {
        a.vectors = {vectors + block * PackedLayout::block_lanes, 0, output_row, output_column};
        a.channels = layout.lane_channels - block * PackedLayout::block_lanes;
        a.gradient = gradient + layout.block_offset(block);
        const auto vectors_in_block =
            static_cast<std::size_t>(layout.block_width(block) / vector_lanes);
        for (int row = 0; row < unfolded.count; row += few.tile_rows) {
          a.rows.data = buffer + row;
          a.gradient_rows = unfolded.weight_row.data() + row;
          a.end_rows = (std::min)(few.tile_rows, unfolded.count - row);
          tiles.functions[vectors_in_block - 1](a);
        }
      }
    }
  }
}

/// gradient += the sum of what add(first, last, sum) adds to `sum` for the images of a chunk.
/// workspace  FewRows::chunks sums of `size` floats
template <class Add>
void add_in_chunks(std::size_t size, int n, double work, float* gradient, float* workspace,
                   const Add& add) {
  parallel_ranges(FewRows::chunks, work, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
    for (std::ptrdiff_t chunk = first; chunk < last; ++chunk) {
      float* const sum = workspace + static_cast<std::size_t>(chunk) * size;
      std::fill(sum, sum + size, 0.0F);
      add(n * chunk / FewRows::chunks, n * (chunk + 1) / FewRows::chunks, sum);
    }
  });
  for (std::size_t chunk = 0; chunk < FewRows::chunks; ++chunk) {
    for (std::size_t i = 0; i < size; ++i)
      gradient[i] += workspace[chunk * size + i];
  }
}

/// rows and vectors: the grids with few channels and with lanes.
inline void add_unfolded_gradient(const WindowGeometry& g, const FewRows& few,
                                  const WeightTileSet& tiles, int n, const float* rows,
                                  const float* vectors, float* gradient, float* workspace) {
  const PackedLayout layout = few.rows_are_big ? gather_layout(g) : scatter_layout(g);
  const double work = 2.0 * n * g.small_pixels() * g.taps() * g.big_channels * g.small_channels;
  add_in_chunks(layout.size(), n, work, gradient, workspace,
                [&](std::ptrdiff_t first, std::ptrdiff_t last, float* sum) {
                  for (int phase = 0; phase < few.phases; ++phase) {
                    const WindowProduct product =
                        few.rows_are_big ? gather_product(g) : scatter_product(g, phase);
                    if (product.rows.count == 0 || product.columns.count == 0) continue;
                    const UnfoldedRows unfolded = unfolded_rows(product);
                    for (std::ptrdiff_t image = first; image < last; ++image) {
                      add_unfolded_image(product, layout, few, unfolded, tiles,
                                         rows + image * product.input_image,
                                         vectors + image * product.output_image, sum);
                    }
                  }
                });
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
