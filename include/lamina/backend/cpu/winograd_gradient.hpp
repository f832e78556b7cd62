// SPDX-License-Identifier: MIT
#pragma once
// Weight gradients of 3x3 windows with stride 1 by Winograd's minimal filtering: the gradient of the weights' values at
// a point is a product of matrices over all tiles of the batch, of what the inputs are there and of what the
// outputs' gradients are.

#include <algorithm>
#include <cstddef>
#include <utility>

#include "lamina/backend/cpu/packed_layout.hpp"
#include "lamina/backend/cpu/parallel.hpp"
#include "lamina/backend/cpu/run_weight_product.hpp"
#include "lamina/backend/cpu/winograd.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

struct WinogradGradient {
  WinogradGrid big, small;
  int padding;
  bool rows_are_big;

  /// Tiles whose values are computed together: enough to pay for an update of the sums, few enough for the nearest
  /// cache, which holds those of one point.
  static constexpr int piece = 128;

  constexpr WinogradTiles tiles() const { return {small.height, small.width}; }
  constexpr WinogradValues big_values() const { return {piece, big.channels}; }
  constexpr WinogradValues small_values() const { return {piece, small.channels}; }
  constexpr WinogradWeights sums() const {
    // Within the braces of the result this makes nvcc 13.0 crash.
    const PackedLayout weights = rows_are_big ? PackedLayout{9, big.channels, small.channels}
                                              : PackedLayout{9, small.channels, big.channels};
    return {weights};
  }
  constexpr std::size_t workspace() const {
    return static_cast<std::size_t>(sums().size() + big_values().size() + small_values().size() +
                                    (std::max)(big_values().tile(), small_values().tile()));
  }
};

constexpr WinogradGradient winograd_gradient(const WindowGeometry& g, bool rows_are_big) {
  return {{g.big_height, g.big_width, g.big_channels},
          {g.small_height, g.small_width, g.small_channels},
          g.padding,
          rows_are_big};
}

/// gradient += what the sums of all points make of it.
inline void add_weight_gradient(const WinogradWeights& from, const float* sums, float* gradient) {
  from.for_each_vector([&](int row, int lane) {
    const float* const at = sums + from.of_point().offset(0, row, lane);
    transform_square<&Winograd::to_filter, Winograd::inputs, Winograd::taps>(
        [&](std::size_t y, std::size_t x) __attribute__((always_inline)) {
          return load(at + static_cast<std::ptrdiff_t>(y * Winograd::inputs + x) * from.point());
        },
        [&](std::size_t y, std::size_t x, const Vec& value) __attribute__((always_inline)) {
          const auto tap = static_cast<int>(y * Winograd::taps + x);
          float* const to = gradient + from.weights.offset(tap, row, lane);
          store(to, load(to) + value);
        });
  });
}

/// product, weight_tiles  of the product of matrices of one point
/// operands.workspace     p.workspace() floats, 64-byte aligned; contents do not matter
inline void run_winograd_gradient(const WinogradGradient& p, const WeightProduct& product,
                                  const WeightTiles& weight_tiles, int n,
                                  const WeightOperands& operands) {
  if (n == 0) return;
  const WinogradValues big_values = p.big_values();
  const WinogradValues small_values = p.small_values();
  float* const sums = operands.workspace;
  float* const big = sums + p.sums().size();
  float* const small = big + big_values.size();
  float* const outside = small + small_values.size();
  parallel_ranges(Winograd::values, static_cast<double>(p.sums().size()),
                  [&](std::ptrdiff_t first, std::ptrdiff_t last) {
                    std::fill(sums + first * p.sums().point(), sums + last * p.sums().point(),
                              0.0F);
                  });
  std::fill_n(outside, (std::max)(p.big.channels, p.small.channels), 0.0F);

  const WinogradTiles tiles = p.tiles();
  const WinogradReader<Winograd::inputs> read_big{operands.big, p.big, tiles, p.padding, outside};
  const WinogradReader<Winograd::outputs> read_small{operands.small, p.small, tiles, 0, outside};
  const PackedLayout& layout = product.layout;
  const int row_tiles = weight_tiles.split.tiles();
  const std::ptrdiff_t tiles_of_point = std::ptrdiff_t{1} * layout.blocks() * row_tiles;
  const std::ptrdiff_t count = std::ptrdiff_t{1} * n * tiles.of_image();
  for (std::ptrdiff_t begin = 0; begin < count; begin += WinogradGradient::piece) {
    const std::ptrdiff_t here = (std::min)(std::ptrdiff_t{WinogradGradient::piece}, count - begin);
    const double work =
        2.0 * static_cast<double>(here) * Winograd::values * layout.rows * layout.lane_channels;
    parallel_ranges(here, work, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
      read_big.transform<&Winograd::of_input>(begin + first, begin + last, big_values,
                                              big + first * big_values.tile());
      read_small.transform<&Winograd::of_output>(begin + first, begin + last, small_values,
                                                 small + first * small_values.tile());
    });
    parallel_ranges(
        Winograd::values * tiles_of_point, work, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
          for (; first < last; ++first) {
            const std::ptrdiff_t point = first / tiles_of_point;
            const int block = static_cast<int>(first % tiles_of_point) / row_tiles;
            const int row_tile = static_cast<int>(first % tiles_of_point) % row_tiles;
            GridCursor rows{big + point * big_values.point(), big_values.tile(), 0, 0};
            GridCursor vectors{small + point * small_values.point(), small_values.tile(), 0, 0};
            if (!p.rows_are_big) std::swap(rows, vectors);
            rows.data += weight_tiles.split.begin(row_tile);
            vectors.data += std::ptrdiff_t{1} * block * PackedLayout::block_lanes;
            WeightRun{product, nullptr, weight_tiles, sums + point * p.sums().point()}.add_tile(
                rows, vectors, static_cast<int>(here), 1, 1, row_tile, block, 0);
          }
        });
  }
  add_weight_gradient(p.sums(), sums, operands.gradient);
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
