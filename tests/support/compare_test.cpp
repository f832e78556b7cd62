// SPDX-License-Identifier: MIT
// The comparisons must be able to fail: each is shown a difference that it has to see.

#include "support/compare.hpp"

#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace compare_test {

using support::near_elementwise;
using support::near_relative;
using support::near_scaled;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(Compare, NamesTensorElementAndBothValues) {
  const std::vector<float> got{1, 2, 3, 4, 5, 7};
  const std::vector<double> expected{1, 2, 3, 4, 5, 6};
  const auto result = near_relative("weight", got, expected, 0.1, {2, 3});
  ASSERT_FALSE(result);
  const std::string text = result.message();
  EXPECT_NE(text.find("weight[(1, 2)] of 6 values: got 7, expected 6"), std::string::npos) << text;
  EXPECT_TRUE(near_relative("weight", got, expected, 0.2));
}

TEST(Compare, RelativeIsToTheLargestElement) {
  const std::vector<double> got{1000, 0.01}, expected{1000, 0};
  EXPECT_TRUE(near_relative("x", got, expected, 2e-5));
  EXPECT_FALSE(near_relative("x", got, expected, 0.5e-5));
  EXPECT_FALSE(near_elementwise("x", got, expected, 1e-5, 1.0));
  EXPECT_TRUE(near_elementwise("x", got, expected, 2e-2, 1.0));
  EXPECT_FALSE(near_scaled("x", got, expected, 1e-5, 1.0));
}

TEST(Compare, WhatIsNotANumberDiffers) {
  const std::vector<double> one{1}, none{nan}, endless{infinity};
  EXPECT_FALSE(near_relative("x", none, one, 1e9));
  EXPECT_FALSE(near_relative("x", one, none, 1e9));
  EXPECT_FALSE(near_relative("x", none, none, 1e9));
  EXPECT_FALSE(near_relative("x", endless, one, 1e9));
  EXPECT_FALSE(near_relative("x", one, endless, 1e9));
}

TEST(Compare, SizesMustMatchAndNothingIsNoAgreement) {
  const std::vector<double> empty, one{1}, two{1, 1};
  EXPECT_FALSE(near_relative("x", one, two, 1e9));
  EXPECT_FALSE(near_relative("x", empty, empty, 1e9));
  EXPECT_TRUE(near_relative("x", std::vector<double>{0, 0}, std::vector<double>{0, 0}, 0.0));
}

}  // namespace compare_test
