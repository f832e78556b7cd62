// SPDX-License-Identifier: MIT
// Ticks: steps of 1, 2 or 5 times a power of ten, labels that tell neighbours apart, no hang on odd
// ranges.

#include "lamina/plot/ticks.hpp"

#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace ticks_test {

using lamina::plot::Scale;

std::vector<std::string> labels(const Scale& scale) {
  std::vector<std::string> texts;
  for (const auto& tick : scale.ticks)
    texts.push_back(tick.label);
  return texts;
}

using Labels = std::vector<std::string>;

TEST(Ticks, LinearAxisEndsAtTicks) {
  const auto scale = lamina::plot::linear_scale(0.0061, 0.0268);
  EXPECT_EQ(labels(scale), (Labels{"0.005", "0.010", "0.015", "0.020", "0.025", "0.030"}));
  EXPECT_DOUBLE_EQ(scale.low, 0.005);
  EXPECT_DOUBLE_EQ(scale.high, 0.03);
  EXPECT_DOUBLE_EQ(scale.share(0.0175), 0.5);
}

TEST(Ticks, ZeroIsZero) {
  EXPECT_EQ(labels(lamina::plot::linear_scale(-1, 1, 4)),
            (Labels{"-1.0", "-0.5", "0.0", "0.5", "1.0"}));
}

TEST(Ticks, TightAxisEndsWithTheData) {
  const auto scale = lamina::plot::tight_scale(1, 10, 5, true);
  EXPECT_EQ(labels(scale), (Labels{"2", "4", "6", "8", "10"}));
  EXPECT_EQ(scale.low, 1);
  EXPECT_EQ(scale.high, 10);
}

TEST(Ticks, WholeNumbersStayWhole) {
  EXPECT_EQ(labels(lamina::plot::tight_scale(1, 3, 10, true)), (Labels{"1", "2", "3"}));
  EXPECT_EQ(labels(lamina::plot::tight_scale(1, 1, 10, true)), (Labels{"1"}));
}

TEST(Ticks, LogAxisOfOneDecadeHasTwosAndFives) {
  EXPECT_EQ(labels(lamina::plot::log_scale(0.0061, 0.0268)),
            (Labels{"0.005", "0.01", "0.02", "0.05"}));
}

TEST(Ticks, LogAxisOfManyDecadesHasPowersOnly) {
  const auto scale = lamina::plot::log_scale(1e-6, 1e3);
  ASSERT_GE(scale.ticks.size(), 3U);
  EXPECT_LE(scale.ticks.size(), 9U);
  for (const auto& tick : scale.ticks) {
    const double exponent = std::log10(tick.value);
    EXPECT_NEAR(exponent, std::round(exponent), 1e-9);
  }
  EXPECT_NEAR(scale.share(std::sqrt(1e-6 * 1e3)), 0.5, 1e-9);
}

TEST(Ticks, AnyRangeGivesAFewDistinctLabelsInside) {
  const double nan = std::numeric_limits<double>::quiet_NaN(),
               infinity = std::numeric_limits<double>::infinity();
  const std::vector<std::pair<double, double>> ranges{
      {0, 0},         {5, 5},         {-3, -3},      {1, 0},     {nan, nan},     {0, infinity},
      {1e-30, 2e-30}, {1e9, 1e9 + 1}, {-1e20, 1e20}, {0.1, 0.3}, {99999, 100001}};
  for (const auto& [low, high] : ranges) {
    for (const auto& scale :
         {lamina::plot::linear_scale(low, high), lamina::plot::tight_scale(low, high),
          lamina::plot::log_scale(low, high)}) {
      SCOPED_TRACE(std::to_string(low) + " to " + std::to_string(high) +
                   (scale.logarithmic ? " log" : ""));
      EXPECT_LT(scale.low, scale.high);
      EXPECT_GE(scale.ticks.size(), 1U);
      EXPECT_LE(scale.ticks.size(), 16U);
      std::set<std::string> distinct;
      for (const auto& tick : scale.ticks) {
        distinct.insert(tick.label);
        EXPECT_GE(scale.share(tick.value), -1e-6);
        EXPECT_LE(scale.share(tick.value), 1 + 1e-6);
      }
      EXPECT_EQ(distinct.size(), scale.ticks.size());
    }
  }
}

}  // namespace ticks_test
