// SPDX-License-Identifier: MIT
#pragma once
// A grid as weight tiles read it. Channels that are read many times are first copied next to each other:
// channel counts are powers of two mostly, and pixels that far apart compete for the same few places of a
// cache.

#include <algorithm>
#include <cstddef>

#include "lamina/backend/cpu/simd.hpp"
#include "lamina/backend/cpu/weight_tile.hpp"
#include "lamina/backend/cpu/window_product.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

/// Channels of a grid that a tile reads: `width` from `first` on, of which `count` exist.
struct TileChannels {
  int first, width, count;
};

/// One grid as tiles read it: its own memory, or a copy of some channels of some rows.
struct WeightGrid {
  const float* data;  // of an image's row first_row
  std::ptrdiff_t image, row;
  int column, first_row;
  int step_y, step_x;  // from a small pixel to the next

  GridCursor at(int y, int x) const {
    return {data + ((y - first_row) * row + std::ptrdiff_t{1} * x * column), image, step_y * row,
            std::ptrdiff_t{1} * step_x * column};
  }
  WeightGrid from_channel(int channel) const {
    WeightGrid grid = *this;
    grid.data += channel;
    return grid;
  }
};

/// Tiles of a grid's channels, copied several at once so that each cache line is fetched once.
template <int Floats>
class TileCopies {
 public:
  /// Of `rows` of each image, `pixels` long, for tiles of up to `widest` channels.
  TileCopies(const WeightGrid& own, int images, IntRange rows, int pixels, int widest)
      : own_(own), images_(images), rows_(rows), pixels_(pixels) {
    // A copied row ends with up to a vector that is not its own.
    tile_floats_ =
        std::ptrdiff_t{1} * images * (std::max)(0, rows.last - rows.first) * pixels * widest +
        lanes;
    const int line = ceil_div(16, widest);
    together_ = tile_floats_ * line <= Floats ? line : tile_floats_ <= Floats ? 1 : 0;
  }

  bool fit() const { return together_ > 0; }

  /// Tile number `tile`; copies it and those behind it, up to `last`, if it is not there yet.
  template <class ChannelsOf>
  WeightGrid at(int tile, int last, const ChannelsOf& channels_of) {
    if (tile < first_ || tile >= end_) {
      first_ = tile;
      end_ = (std::min)(tile + together_, last + 1);
      for (int i = 0; i < images_; ++i) {
        for (int y = rows_.first; y < rows_.last; ++y) {
          for (int t = first_; t < end_; ++t)
            copy_row(i, y, channels_of(t), tile_floats_ * (t - first_));
        }
      }
    }
    const int width = channels_of(tile).width;
    return {buffer_ + tile_floats_ * (tile - first_),
            image_floats(width),
            row_floats(width),
            width,
            rows_.first,
            own_.step_y,
            own_.step_x};
  }

 private:
  alignas(64) float buffer_[std::size_t{Floats}];
  WeightGrid own_;
  int images_;
  IntRange rows_;
  int pixels_;
  std::ptrdiff_t tile_floats_;
  int together_;
  int first_ = 0;
  int end_ = 0;  // the tiles [first_, end_) are in the buffer

  std::ptrdiff_t row_floats(int width) const { return std::ptrdiff_t{1} * pixels_ * width; }
  std::ptrdiff_t image_floats(int width) const {
    return (rows_.last - rows_.first) * row_floats(width);
  }

  void copy_row(int image, int y, const TileChannels& channels, std::ptrdiff_t to) {
    copy_channels(
        own_.data + (image * own_.image + (y - own_.first_row) * own_.row + channels.first),
        own_.column, pixels_, channels.count, channels.width,
        buffer_ + to + image * image_floats(channels.width) +
            (y - rows_.first) * row_floats(channels.width));
  }
};

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
