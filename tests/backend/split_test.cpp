// SPDX-License-Identifier: MIT
// How a row is cut into tiles: all of it, none of it twice, and no more tiles than need be.

#include "lamina/backend/cpu/split.hpp"

#include <gtest/gtest.h>

namespace split_test {

using lamina::cpu_kernels::cheapest_split;
using lamina::cpu_kernels::Split;
using lamina::cpu_kernels::tile_cost;

constexpr int most = 6;

constexpr Split split_of(int count) {
  return cheapest_split(count, most,
                        [](int size, int, int tiles) { return tiles * tile_cost(size); });
}

static_assert(split_of(14).tiles() == 3);
static_assert(split_of(32).size(0) == 6 && split_of(32).size(5) == 5);

TEST(Split, CoversARowWithoutGapOrOverlap) {
  for (int count = 1; count <= 100; ++count) {
    const Split split = split_of(count);
    int end = 0;
    for (int tile = 0; tile < split.tiles(); ++tile) {
      EXPECT_EQ(split.begin(tile), end) << count;
      EXPECT_GE(split.size(tile), 1);
      EXPECT_LE(split.size(tile), most);
      end += split.size(tile);
    }
    EXPECT_EQ(end, count);
  }
}

TEST(Split, HasAlmostAsFewTilesAsFit) {
  for (int count = most; count <= 100; ++count)
    EXPECT_LE(split_of(count).tiles(), (count + most - 1) / most + 1) << count;
}

TEST(Split, TakesNoTilesThatAreForbidden) {
  const Split split = cheapest_split(14, most, [](int size, int, int tiles) {
    return size % 2 == 0 ? 1e9 : tiles * tile_cost(size);
  });
  for (int tile = 0; tile < split.tiles(); ++tile)
    EXPECT_EQ(split.size(tile) % 2, 1);
}

}  // namespace split_test
