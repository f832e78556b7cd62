// SPDX-License-Identifier: MIT
// Clamping, moving averages and counts of flat arrays against plain loops. The optimisers' updates
// and the losses are tested in tests/optim and tests/losses.

#include "lamina/backend/cpu/optimise.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include <gtest/gtest.h>

#include "backend/flat_arrays.hpp"
#include "reference/activations.hpp"
#include "support/compare.hpp"

namespace optimise_test {

using namespace flat;
using lamina::Cpu;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

Floats clamped(Floats x) {
  x = with_guard(x);
  Cpu::clamp(x.size() - 1, -0.25F, 0.5F, x.data());
  return without_guard(x);
}

TEST(Clamp, BringsValuesBetweenItsBounds) {
  for (const std::size_t size : sizes()) {
    const Floats x = floats(size, 1);
    Floats expected;
    for (const float value : x)
      expected.push_back(std::clamp(value, -0.25F, 0.5F));
    EXPECT_EQ(clamped(x), expected);
  }
  EXPECT_EQ(clamped({-infinity, -0.25F, 0.0F, 0.5F, infinity}),
            (Floats{-0.25F, -0.25F, 0.0F, 0.5F, 0.5F}));
}

TEST(Clamp, NaNStaysNaN) {
  // Otherwise weights that are no numbers would look like weights at the bound.
  for (const std::size_t at : {0U, 20U}) {  // in a vector and in the rest
    Floats x = floats(21, 1);
    x[at] = nan;
    const Floats y = clamped(x);
    for (std::size_t i = 0; i < y.size(); ++i)
      EXPECT_EQ(std::isnan(y[i]), i == at) << i;
  }
}

Floats moved(float share, const Floats& from, Floats to) {
  to = with_guard(to);
  Cpu::move_towards(from.size(), share, from.data(), to.data());
  return without_guard(to);
}

TEST(MoveTowards, MatchesAPlainLoop) {
  for (const std::size_t size : sizes()) {
    const Floats from = floats(size, 1), to = floats(size, 2);
    Values expected;
    for (std::size_t i = 0; i < size; ++i) {
      const double now = static_cast<double>(to[i]), target = static_cast<double>(from[i]);
      expected.push_back(now + 0.125 * (target - now));
    }
    // A difference and a sum in float32, each rounding by 6e-8 of values up to 2.
    EXPECT_TRUE(support::near_scaled("moved", moved(0.125F, from, to), expected, 3e-7, 1.0));
    EXPECT_EQ(moved(0.0F, from, to), to);
  }
}

TEST(MoveTowards, StaysWhereItHasArrived) {
  const Floats values = floats(21, 1);
  EXPECT_EQ(moved(0.3F, values, values), values);
}

TEST(PositiveCount, CountsWhatIsAboveZero) {
  for (const std::size_t size : sizes()) {
    const Floats x = floats(size, 1);
    EXPECT_EQ(Cpu::positive_count(size, x.data()),
              static_cast<double>(std::ranges::count_if(x, [](float v) { return v > 0.0F; })));
  }
  const Floats edges{0.0F, -0.0F, nan, -infinity, infinity, 1e-38F};
  EXPECT_EQ(Cpu::positive_count(edges.size(), edges.data()), 2.0);
}

TEST(SigmoidSum, MatchesReference) {
  for (const std::size_t size : sizes()) {
    const Floats x = floats(size, 1, 8.0F);
    double expected = 0.0;
    for (const double y : reference::sigmoid(doubles(x)))
      expected += y;
    // Each sigmoid rounds by 1e-7 of itself, sums of floats are short.
    EXPECT_NEAR(Cpu::sigmoid_sum(size, x.data()), expected, 1e-6 * expected);
  }
  const Floats ends{-1000.0F, 1000.0F, 0.0F};
  EXPECT_EQ(Cpu::sigmoid_sum(3, ends.data()), 1.5);
  EXPECT_TRUE(std::isnan(Cpu::sigmoid_sum(1, &nan)));
}

TEST(Optimise, ThreadsDoNotMatter) {
  const Floats x = floats(many, 1, 8.0F), y = floats(many, 2);
  expect_same_bits_for_threads([&] { return clamped(x); });
  expect_same_bits_for_threads([&] { return moved(0.3F, x, y); });
  expect_same_bits_for_threads([&] {
    return Floats{static_cast<float>(Cpu::positive_count(many, x.data())),
                  static_cast<float>(Cpu::sigmoid_sum(many, x.data()))};
  });
}

}  // namespace optimise_test
