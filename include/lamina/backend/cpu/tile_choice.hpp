// SPDX-License-Identifier: MIT
#pragma once
// Which micro tile a windowed product uses: chosen by the compiler from the registers of the
// instruction set and the width of the output, so that geometries share tiles.

#include <algorithm>
#include <array>
#include <cstddef>

#include "lamina/backend/cpu/few_channels.hpp"
#include "lamina/backend/cpu/split.hpp"
#include "lamina/backend/cpu/tile.hpp"
#include "lamina/backend/cpu/window_product.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

struct TileShape {
  int images, columns;
  int clip;  // most columns that a tap misses on one side of a tile
};

/// Images that share one pass over the weights of a lane block: as many as the second-level cache holds, or
/// more where these weights take most of it themselves.
constexpr int cached_images(const WindowProduct& product) {
  constexpr std::ptrdiff_t cached_floats = 100'000;
  constexpr std::ptrdiff_t inputs_per_weight = 6;
  const std::ptrdiff_t weights = std::ptrdiff_t{PackedLayout::block_lanes} * product.rows.taps *
                                 product.columns.taps * product.input_channels;
  const std::ptrdiff_t floats = (std::max)(cached_floats, inputs_per_weight * weights);
  return static_cast<int>(std::clamp<std::ptrdiff_t>(floats / product.input_image, 1, 64));
}

/// Largest one-sided clip over `tiles` tiles from column `begin` on, or -1 where a tap misses columns on
/// both sides of a tile.
constexpr int widest_clip(const WindowAxis& axis, int begin, int columns, int tiles) {
  int clip = 0;
  if (columns == 1) return clip;
  for (int t = 0; t < tiles; ++t) {
    for (int tap = 0; tap < axis.taps; ++tap) {
      const IntRange range = axis.outputs_of(tap, begin + t * columns, columns);
      if (range.empty()) continue;
      const int left = range.first;
      const int right = columns - range.last;
      if (left > 0 && right > 0) return -1;
      clip = left > clip ? left : right > clip ? right : clip;
    }
  }
  return clip;
}

/// Tiles of `columns` columns: where they have few, several images fill their registers.
constexpr TileShape tile_shape(const WindowProduct& product, int most, int begin, int columns,
                               int tiles) {
  constexpr int most_images = 8;
  const int cached = cached_images(product);
  return {clamp_to(most / columns, 1, cached < most_images ? cached : most_images), columns,
          widest_clip(product.columns, begin, columns, tiles)};
}

/// Most columns times images of a tile.
constexpr int most_pixels(const WindowProduct& product) {
  if (!product.layout.swapped()) return most_pairs_of_sums;
  return clamp_to((vector_registers >= 32 ? 24 : 8) / product.output_channels, 1, 14);
}

/// What the tiles of one width cost for each image: for each tap the columns that meet the input, in all
/// images of a tile at once.
constexpr double cost_of_tiles(const WindowProduct& product, const TileShape& tile, int begin,
                               int tiles, int images) {
  constexpr double another_image = 0.15;  // its pixels lie far away
  const bool dot = product.layout.swapped();
  const int sums = images * (dot ? product.output_channels : 1);
  double cost = 0.0;
  for (int t = 0; t < tiles; ++t) {
    for (int tap = 0; tap < product.columns.taps; ++tap) {
      const IntRange range =
          product.columns.outputs_of(tap, begin + t * tile.columns, tile.columns);
      if (!range.empty())
        cost += tile_cost((range.last - range.first) * sums, dot ? 8 : 4) +
                another_image * (images - 1);
    }
  }
  return cost / images;
}

/// The cheapest tiles of a row of output pixels.
constexpr Split split_row(const WindowProduct& product) {
  constexpr int clip_limit = 2;
  constexpr double forbidden = 1e9;
  constexpr double weight_of_single_images = 0.1;  // a batch of one should not be slow
  const int most = most_pixels(product);
  return cheapest_split(product.columns.count, most, [&](int columns, int begin, int tiles) {
    const TileShape tile = tile_shape(product, most, begin, columns, tiles);
    if (tile.clip < 0 || tile.clip > clip_limit || (tile.clip > 0 && tile.clip >= columns))
      return forbidden;
    return cost_of_tiles(product, tile, begin, tiles, tile.images) +
           weight_of_single_images * cost_of_tiles(product, tile, begin, tiles, 1);
  });
}

/// A tile's code by vectors in a lane block, for falling numbers of images.
struct TileSet {
  static constexpr std::size_t levels = 4;
  TileShape shape{};
  std::array<std::array<TileFunction, levels>, 2> functions{};

  /// shape.images, then the powers of two below it; 0 behind the last.
  static constexpr int images(int most, std::size_t level) {
    if (level == 0) return most;
    int power = 1;
    while (2 * power < most)
      power *= 2;
    return most == 1 ? 0 : power >> (level - 1);
  }

  /// Calls tile(function, image) for the images [first, last), as many as each function takes at a time.
  template <class Tile>
  void cover(std::size_t vectors, int first, int last, const Tile& tile) const {
    std::size_t level = 0;
    int together = shape.images;
    for (int image = first; image < last; image += together) {
      while (together > last - image)
        together = images(shape.images, ++level);
      tile(functions[vectors - 1][level], image);
    }
  }
};

/// Blocks of two vectors that one image of one pixel takes at once.
inline constexpr int blocks_together = 4;

/// The tiles of every row of a product.
struct RowTiles {
  Split split{};
  TileSet wide{}, narrow{};
  TileFunction of_blocks = nullptr;  ///< for one image, where the product is one of matrices

  constexpr const TileSet& at(int tile) const { return tile < split.wide_tiles ? wide : narrow; }
  constexpr int images() const {
    return wide.shape.images > narrow.shape.images ? wide.shape.images : narrow.shape.images;
  }
};

/// Adds the code for the images of a level, where the tile has that level.
template <class Factors, PackedLayout Layout, int Outputs, TileShape Shape, std::size_t Level>
constexpr void add_tile(TileSet& set) {
  constexpr int images = TileSet::images(Shape.images, Level);
  if constexpr (images == 0) {
    return;
  } else if constexpr (Layout.swapped()) {
    set.functions[0][Level] = &dot_tile<images, Shape.columns, Outputs, Shape.clip, Factors>;
  } else {
    if constexpr (Layout.block_width(Layout.blocks() - 1) == lanes)
      set.functions[0][Level] = &lane_tile<images, Shape.columns, 1, Shape.clip, Factors>;
    if constexpr (Layout.block_width(0) == 2 * lanes)
      set.functions[1][Level] = &lane_tile<images, Shape.columns, 2, Shape.clip, Factors>;
  }
}

template <WindowProduct P, class Factors, TileShape Shape>
constexpr TileSet tile_set() {
  static_assert(TileSet::images(Shape.images, TileSet::levels) == 0, "more images than levels");
  TileSet set{Shape, {}};
  add_tile<Factors, P.layout, P.output_channels, Shape, 0>(set);
  add_tile<Factors, P.layout, P.output_channels, Shape, 1>(set);
  add_tile<Factors, P.layout, P.output_channels, Shape, 2>(set);
  add_tile<Factors, P.layout, P.output_channels, Shape, 3>(set);
  return set;
}

template <WindowProduct P, class Factors>
constexpr RowTiles tiles_for() {
  constexpr Split split = split_row(P);
  constexpr int most = most_pixels(P);
  RowTiles tiles{split,
                 tile_set<P, Factors, tile_shape(P, most, 0, split.wide, split.wide_tiles)>(),
                 {},
                 nullptr};
  if constexpr (split.narrow_tiles > 0) {
    tiles.narrow = tile_set<P, Factors,
                            tile_shape(P, most, split.begin(split.wide_tiles), split.narrow,
                                       split.narrow_tiles)>();
  }
  if constexpr (P.is_one_pixel() &&
                P.layout.lane_channels >= blocks_together * PackedLayout::block_lanes)
    tiles.of_blocks = &blocks_tile<blocks_together, Factors>;
  return tiles;
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
