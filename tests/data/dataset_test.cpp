// SPDX-License-Identifier: MIT
// Dataset: images, and copies of parts.

#include "lamina/data/dataset.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/core/shape.hpp"

#include "support/error_text.hpp"

namespace dataset_test {

using Pairs = lamina::Dataset<lamina::Shape<2, 1, 1>>;

const Pairs three{{1, 2, 3, 4, 5, 6}, {7, 8, 9}};

TEST(Dataset, KnowsItsImages) {
  EXPECT_EQ(three.size(), 3U);
  const auto image = three.image(1);
  EXPECT_EQ(std::vector<std::uint8_t>(image.begin(), image.end()),
            (std::vector<std::uint8_t>{3, 4}));
  EXPECT_EQ(Pairs{}.size(), 0U);
}

TEST(Dataset, FirstCopiesTheFront) {
  const Pairs two = three.first(2);
  EXPECT_EQ(two.pixels, (std::vector<std::uint8_t>{1, 2, 3, 4}));
  EXPECT_EQ(two.labels, (std::vector<std::uint8_t>{7, 8}));
  EXPECT_EQ(three.first(0).size(), 0U);
  EXPECT_EQ(three.first(100).pixels, three.pixels);
}

TEST(Dataset, SubsetKeepsTheGivenOrder) {
  const Pairs chosen = three.subset(std::array<std::size_t, 3>{2, 0, 2});
  EXPECT_EQ(chosen.pixels, (std::vector<std::uint8_t>{5, 6, 1, 2, 5, 6}));
  EXPECT_EQ(chosen.labels, (std::vector<std::uint8_t>{9, 7, 9}));
}

TEST(Dataset, SubsetRefusesPositionsBehindTheEnd) {
  EXPECT_TRUE(support::says(support::error_text<std::invalid_argument>([] {
                              static_cast<void>(three.subset(std::array<std::size_t, 2>{0, 3}));
                            }),
                            "below 3", "got 3"));
}

}  // namespace dataset_test
