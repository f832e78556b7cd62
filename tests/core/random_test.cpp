// SPDX-License-Identifier: MIT
// Philox and the distributions made of it: the published test vectors, independence of streams, and
// moments.

#include "lamina/core/random.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

namespace random_test {

using namespace lamina;

TEST(Philox, IsTheGeneratorOfThePaper) {
  // Random123's known answers (kat_vectors): philox4x32 10, counter and key all zeros. Our counter's
  // last word is the purpose, which is never zero, so that it is checked on Random123's type.
  const r123::Philox4x32::ctr_type out = r123::Philox4x32{}({{0, 0, 0, 0}}, {{0, 0}});
  EXPECT_EQ(out[0], 0x6627e8d5U);
  EXPECT_EQ(out[1], 0xe169c58dU);
  EXPECT_EQ(out[2], 0xbc57ac4cU);
  EXPECT_EQ(out[3], 0x9b00dbd8U);
}

TEST(Philox, CounterAndKeyAreAsDocumented) {
  // Files and results depend on this mapping: key (seed low, seed high), counter (index low,
  // index high, pass, stream << 24 | what).
  const Philox philox(Seed{0x0123456789abcdefU}, Stream::shuffle, 5);
  const std::array<std::uint32_t, 4> ours = philox(7, 0x100000002U);
  const auto expected =
      r123::Philox4x32{}({{2, 1, 7, 3U << 24 | 5U}}, {{0x89abcdefU, 0x01234567U}});
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_EQ(ours[i], expected[i]);
  EXPECT_EQ(philox.word(7, 4 * 0x100000002U + 3), expected[3]);
}

TEST(Philox, DrawsDifferBySeedStreamLayerPassAndIndex) {
  const Philox philox(Seed{1}, Stream::dropout, 2);
  const auto draw = philox(3, 4);
  EXPECT_EQ(draw, Philox(Seed{1}, Stream::dropout, 2)(3, 4));
  EXPECT_NE(draw, Philox(Seed{2}, Stream::dropout, 2)(3, 4));
  EXPECT_NE(draw, Philox(Seed{1ULL + (1ULL << 32)}, Stream::dropout, 2)(3, 4));
  EXPECT_NE(draw, Philox(Seed{1}, Stream::shuffle, 2)(3, 4));
  EXPECT_NE(draw, Philox(Seed{1}, Stream::dropout, 3)(3, 4));
  EXPECT_NE(draw, philox(4, 4));
  EXPECT_NE(draw, philox(3, 5));
}

TEST(Random, UniformIsInZeroOne) {
  EXPECT_EQ(uniform(0), 0.0F);
  EXPECT_LT(uniform(0xffffffffU), 1.0F);
  EXPECT_EQ(uniform(0xffffffffU), 1.0F - 0x1p-24F);
  EXPECT_EQ(uniform(0x80000000U), 0.5F);
}

/// Mean and variance of 200,000 draws.
template <class Draw>
std::array<double, 2> moments(Draw draw) {
  constexpr std::uint64_t count = 200'000;
  double sum = 0.0, squares = 0.0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto value = static_cast<double>(draw(i));
    sum += value;
    squares += value * value;
  }
  const double mean = sum / count;
  return {mean, squares / count - mean * mean};
}

TEST(Random, UniformHasItsMoments) {
  const Philox philox(Seed{1}, Stream::noise);
  const auto [mean, variance] =
      moments([&](std::uint64_t i) { return uniform(philox.word(0, i)); });
  EXPECT_NEAR(mean, 0.5, 4 * 0.2887 / 447);  // four standard errors
  EXPECT_NEAR(variance, 1.0 / 12.0, 0.001);
}

TEST(Random, NormalHasItsMoments) {
  const Philox philox(Seed{1}, Stream::noise);
  const auto [mean, variance] = moments([&](std::uint64_t i) { return normal(philox, 0, i); });
  EXPECT_NEAR(mean, 0.0, 4.0 / 447);
  EXPECT_NEAR(variance, 1.0, 4 * 1.414 / 447);
  // Beyond two standard deviations lie 4.55 % of a normal distribution.
  double outside = 0.0;
  for (std::uint64_t i = 0; i < 200'000; ++i)
    outside += std::abs(normal(philox, 1, i)) > 2.0F ? 1.0 : 0.0;
  EXPECT_NEAR(outside / 200'000, 0.0455, 0.002);
}

TEST(Random, NormalIsFiniteAtTheEndsOfTheWords) {
  constexpr std::uint32_t most = (std::numeric_limits<std::uint32_t>::max)();
  for (const std::uint32_t first : {0U, 1U, most})
    for (const std::uint32_t second : {0U, most})
      for (const float value : normal_pair(first, second)) {
        EXPECT_TRUE(std::isfinite(value));
        EXPECT_LT(std::abs(value), 7.0F);
      }
}

TEST(Random, NormalNeighboursAreUncorrelated) {
  const Philox philox(Seed{3}, Stream::latent);
  double sum = 0.0;
  for (std::uint64_t i = 0; i < 100'000; ++i)
    sum +=
        static_cast<double>(normal(philox, 0, i)) * static_cast<double>(normal(philox, 0, i + 1));
  EXPECT_NEAR(sum / 100'000, 0.0, 4.0 / 316);
}

}  // namespace random_test
