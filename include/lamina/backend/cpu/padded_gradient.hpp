// SPDX-License-Identifier: MIT
#pragma once
// The weight gradient from a big grid of one to four channels with its padding: the inputs of a row of the window lie
// side by side there, so that they are rows of the tile as they are.

#include <algorithm>
#include <cstddef>

#include "lamina/backend/cpu/few_rows_gradient.hpp"
#include "lamina/backend/cpu/packed_layout.hpp"
#include "lamina/backend/cpu/padded_product.hpp"
#include "lamina/backend/cpu/weight_tile.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

/// Whether rows of the window are long enough to be rows of a tile.
constexpr bool has_padded_gradient(const WindowGeometry& g, bool rows_are_big) {
  const PaddedRows padded{g};
  return rows_are_big && padded.fits() && padded.window_row() >= 4;
}

/// Adds the small rows [first, last) of an image; from: their first row of windows. Meanwhile as many rows behind them come
/// nearer.
inline void add_padded_rows(const PaddedRows& padded, const WeightTiles& tiles, int first, int last,
                            const float* from, const float* small, float* gradient) {
  const WindowGeometry& g = padded.g;
  const PackedLayout layout = gather_layout(g);
  const std::ptrdiff_t small_row = std::ptrdiff_t{1} * g.small_width * g.small_channels;
  WeightTileArguments a{};
  a.images = 1;
  a.height = last - first;
  a.width = g.small_width;
  a.gradient_rows = consecutive_rows.data();
  a.ahead = small + last * small_row;
  a.ahead_step = ceil_div(g.small_channels, layout.blocks() * g.kernel * tiles.split.tiles());
  for (int block = 0; block < layout.blocks(); ++block) {
    const int channel = block * PackedLayout::block_lanes;
    const int block_width = layout.block_width(block);
    a.vectors = {small + first * small_row + channel, 0, small_row, g.small_channels};
    a.channels = g.small_channels - channel;
    for (int y = 0; y < g.kernel; ++y) {
      for (int tile = 0; tile < tiles.split.tiles(); ++tile) {
        const int row = tiles.split.begin(tile);
        a.rows = {from + std::ptrdiff_t{1} * y * padded.row() + row, 0,
                  std::ptrdiff_t{1} * g.stride * padded.row(), padded.step()};
        a.gradient = gradient + layout.block_offset(block) +
                     (std::ptrdiff_t{1} * y * padded.window_row() + row) * block_width;
        a.end_rows = tiles.split.size(tile);
        tiles.at(tile).functions[block_width > lanes ? 1 : 0](a);
        a.ahead += a.height * a.width * a.ahead_step;
      }
    }
  }
}

template <PaddedRows P>
void add_padded_gradient(const WeightTiles& tiles, int n, const float* big, const float* small,
                         float* gradient, float* workspace) {
  constexpr WindowGeometry g = P.g;
  const double work = 2.0 * n * g.small_pixels() * g.taps() * g.big_channels * g.small_channels;
  constexpr int part_pixels = 256;  // their vectors stay in the nearest caches
  const int rows = clamp_to(part_pixels / g.small_width, 1, P.band());
  add_in_chunks(
      gather_layout(g).size(), n, work, gradient, workspace,
      [&](std::ptrdiff_t image, std::ptrdiff_t last_image, float* sum) {
        PaddedBand<P> band;
        for (; image < last_image; ++image) {
          for (int first = 0; first < g.small_height; first += rows) {
            const int last = (std::min)(g.small_height, first + rows);
            const float* const windows = band.hold(big + image * g.big_size(), first, last);
            add_padded_rows(P, tiles, first, last, windows, small + image * g.small_size(), sum);
          }
        }
      });
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
