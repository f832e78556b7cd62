// SPDX-License-Identifier: MIT
#pragma once
// How a row of pixels or channels is cut into micro tiles: chosen by the compiler. Light: no SIMD, no threads.

#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

/// Most pairs of vectors of sums that the registers hold beside a tile's factors.
inline constexpr int most_pairs_of_sums = vector_registers >= 32 ? 8 : 6;

/// `count` things as tiles of two sizes, the wider ones first.
struct Split {
  int wide, narrow;
  int wide_tiles, narrow_tiles;

  constexpr int tiles() const { return wide_tiles + narrow_tiles; }
  constexpr int size(int tile) const { return tile < wide_tiles ? wide : narrow; }
  constexpr int begin(int tile) const {
    return tile < wide_tiles ? tile * wide : wide_tiles * wide + (tile - wide_tiles) * narrow;
  }
};

/// What a tile of so many sums costs, in the time of one sum's multiply-add: few sums wait for each other,
/// and every tile has some more to do. Fitted to the tiles of AVX2 as they were measured.
constexpr double tile_cost(int sums, int fewest_sums = 4) {
  return (sums > fewest_sums ? sums : fewest_sums) + 0.4;
}

/// The cheapest split into tiles of up to `most`; cost(size, begin, tiles) is that of `tiles` tiles of one
/// size, the first of which begins at `begin`. One of two that cost the same has the smaller wide tiles.
template <class Cost>
constexpr Split cheapest_split(int count, int most, const Cost& cost) {
  Split best{1, 1, count, 0};
  double least = cost(1, 0, count);
  for (int wide = most < count ? most : count; wide > 1; --wide) {
    for (int narrow = wide; narrow >= 1; --narrow) {
      int wide_tiles = count / wide;
      while (wide_tiles > 0 && (count - wide_tiles * wide) % narrow != 0)
        --wide_tiles;
      if (wide_tiles == 0) continue;
      const Split split{wide, narrow, wide_tiles, (count - wide_tiles * wide) / narrow};
      const double both =
          cost(wide, 0, split.wide_tiles) +
          (split.narrow_tiles > 0 ? cost(narrow, split.begin(wide_tiles), split.narrow_tiles) : 0);
      if (both < least || (both == least && wide < best.wide)) {
        best = split;
        least = both;
      }
    }
  }
  return best;
}

/// The same where a tile costs what its sums do, wherever it lies.
constexpr Split cheapest_split(int count, int most) {
  return cheapest_split(count, most,
                        [](int size, int, int tiles) { return tiles * tile_cost(size); });
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
