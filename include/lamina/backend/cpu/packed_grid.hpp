// SPDX-License-Identifier: MIT
#pragma once
// A grid as weight tiles read it: the channels of each tile next to each other. Every tap reads them anew, and
// channel counts are powers of two mostly: pixels that far apart compete for the same few places of a cache.

#include <algorithm>
#include <cstddef>

#include "lamina/backend/cpu/packed_layout.hpp"
#include "lamina/backend/cpu/parallel.hpp"
#include "lamina/backend/cpu/simd.hpp"
#include "lamina/backend/cpu/split.hpp"
#include "lamina/backend/cpu/window_product.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

/// How the channels of a grid are shared out to tiles: `width` floats a pixel from channel `first` on, of which
/// those that do not exist are zero.
struct ChannelTiles {
  Split split;
  int channels;

  constexpr int count() const { return split.tiles(); }
  constexpr int first(int tile) const { return split.begin(tile); }
  constexpr int width(int tile) const { return split.size(tile); }
  /// Floats a pixel takes in all tiles together.
  constexpr int floats() const { return split.begin(split.tiles()); }
};

/// A layout's lanes, in blocks of two vectors, the last one maybe of one.
constexpr ChannelTiles lane_blocks(const PackedLayout& layout) {
  const int last = layout.blocks() - 1;
  const int last_width = layout.block_width(last);
  return {{PackedLayout::block_lanes, last_width, last, 1}, layout.lane_channels};
}

/// Whether a copy may write up to `lanes` floats behind its end.
enum class CopyEnd { open, exact };

/// Copies `width` floats of `count` pixels that lie `stride` floats apart, without gaps; of these only `channels`
/// exist, the others become zero.
inline void copy_channels(const float* from, std::ptrdiff_t stride, int count, int channels,
                          int width, float* to, CopyEnd end) {
  // Whole vectors: what is written too much is overwritten by the next pixels.
  const int vectors = ceil_div(width, lanes);
  int i = 0;
  if (channels >= vectors * lanes) {
    const int kept_back = end == CopyEnd::open ? 0 : ceil_div(vectors * lanes - width, width);
    for (; i < count - kept_back; ++i, from += stride, to += width) {
      store_unaligned(to, load_unaligned(from));
      for (int v = 1; v < vectors; ++v)
        store_unaligned(to + v * lanes, load_unaligned(from + v * lanes));
    }
  }
  for (; i < count; ++i, from += stride, to += width) {
    for (int c = 0; c < width; ++c)
      to[c] = c < channels ? from[c] : 0.0F;
  }
}

/// Where a tile reads one of its grids; strides in floats.
struct GridCursor {
  const float* data;
  std::ptrdiff_t image, row, column;
};

/// Some images of a grid as [tile][image][row][column][channel of the tile].
struct PackedGrid {
  float* data;
  ChannelTiles tiles;
  int images, height, width;
  int step_y, step_x;  // from one pixel that a tile reads to the next

  constexpr std::ptrdiff_t pixels() const { return std::ptrdiff_t{1} * images * height * width; }
  constexpr std::ptrdiff_t size() const { return pixels() * tiles.floats(); }

  GridCursor at(int tile, int image, int y, int x) const {
    const std::ptrdiff_t column = tiles.width(tile);
    const std::ptrdiff_t row = width * column;
    return {data + pixels() * tiles.first(tile) + (std::ptrdiff_t{1} * image * height + y) * row +
                x * column,
            height * row, step_y * row, step_x * column};
  }

  /// On all threads, from (N, H, W, C).
  void pack(const float* from) const {
    constexpr std::ptrdiff_t together = 16;  // their channels stay in the nearest cache
    static_assert(together >= lanes);
    constexpr double operations_per_value = 4.0;
    parallel_ranges(
        (pixels() + together - 1) / together, operations_per_value * static_cast<double>(size()),
        [&](std::ptrdiff_t first, std::ptrdiff_t last) {
          for (std::ptrdiff_t pixel = first * together; first < last; ++first, pixel += together) {
            const auto count = static_cast<int>((std::min)(together, pixels() - pixel));
            // Open where as many pixels of this range follow; else another range does, or the next tile.
            const CopyEnd end = first + 1 < last && pixels() - pixel >= 2 * together
                                    ? CopyEnd::open
                                    : CopyEnd::exact;
            for (int t = 0; t < tiles.count(); ++t) {
              copy_channels(from + pixel * tiles.channels + tiles.first(t), tiles.channels, count,
                            tiles.channels - tiles.first(t), tiles.width(t),
                            data + pixels() * tiles.first(t) + pixel * tiles.width(t), end);
            }
          }
        });
  }
};

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
