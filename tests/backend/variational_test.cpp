// SPDX-License-Identifier: MIT
// Normal random numbers, sampling from a diagonal normal distribution and its divergence, against
// the draws one by one and the double-precision reference.

#include "lamina/backend/cpu/variational.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "backend/flat_arrays.hpp"
#include "reference/finite_difference.hpp"
#include "reference/variational.hpp"
#include "support/compare.hpp"

namespace variational_test {

using namespace flat;
using lamina::Cpu;
using lamina::Philox;
using lamina::Seed;
using lamina::Stream;

const Philox philox(Seed{3}, Stream::noise);

Floats normal(std::size_t count, std::uint64_t pass) {
  Floats values = with_guard(Floats(count));
  Cpu::normal(count, philox, pass, values.data());
  return without_guard(values);
}

TEST(Normal, IsTheDrawOfEachIndex) {
  // To the bit, blocks of four words and pieces of 1024 values cut anywhere.
  for (const std::size_t count : {1U, 2U, 3U, 4U, 5U, 1023U, 1024U, 1025U, 2050U}) {
    for (const std::uint64_t pass : {0U, 7U}) {
      Floats expected;
      for (std::size_t i = 0; i < count; ++i)
        expected.push_back(lamina::normal(philox, pass, i));
      EXPECT_TRUE(same_bits(normal(count, pass), expected)) << count << " of pass " << pass;
    }
  }
}

TEST(Normal, HasItsMoments) {
  // Each within four of its standard errors: 1, sqrt(2), sqrt(15) and sqrt(96) over the root of the
  // number of values for the first four moments, 1 for the product of neighbours.
  const Floats values = normal(many, 1);
  std::array<double, 4> sums{};
  double products = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto x = static_cast<double>(values[i]);
    sums[0] += x;
    sums[1] += x * x;
    sums[2] += x * x * x;
    sums[3] += x * x * x * x;
    if (i > 0) products += x * static_cast<double>(values[i - 1]);
  }
  const double four_errors = 4.0 * std::sqrt(static_cast<double>(many));
  EXPECT_NEAR(sums[0], 0.0, four_errors);
  EXPECT_NEAR(sums[1], 1.0 * many, four_errors * std::sqrt(2.0));
  EXPECT_NEAR(sums[2], 0.0, four_errors * std::sqrt(15.0));
  EXPECT_NEAR(sums[3], 3.0 * many, four_errors * std::sqrt(96.0));
  EXPECT_NEAR(products, 0.0, four_errors);
}

TEST(Normal, ThreadsDoNotMatter) {
  expect_same_bits_for_threads([] { return normal(many, 2); });
}

/// Log variances between -2 and 2, means between -2 and 2.
Floats encoded(std::size_t images, std::size_t latent) {
  return floats(images * 2 * latent, 1, 2.0F);
}

template <class Check>
void for_each_size(Check check) {
  for (const std::size_t latent : sizes())
    for (const std::size_t images : {1U, 3U}) {
      SCOPED_TRACE(std::to_string(images) + " images, " + std::to_string(latent) + " dimensions");
      check(images, latent);
    }
}

// An exponential and one or two sums in float32, each rounding by 6e-8 of the largest value, which is
// a few; a wrong term is off by 1e-2 and more.
constexpr double tolerance = 1e-6;

TEST(Reparametrise, MatchesReference) {
  for_each_size([](std::size_t images, std::size_t latent) {
    const Floats from = encoded(images, latent), noise = floats(images * latent, 2, 3.0F);
    Floats z = with_guard(Floats(images * latent));
    Cpu::reparametrise(images, latent, from.data(), noise.data(), z.data());
    EXPECT_TRUE(support::near_relative(
        "z", without_guard(z), reference::reparametrise(latent, doubles(from), doubles(noise)),
        tolerance));
  });
}

TEST(Divergence, IsAddedToTheSumsOfEachDimension) {
  for_each_size([](std::size_t images, std::size_t latent) {
    const Floats from = encoded(images, latent);
    const Values before = support::random_values(latent, 5);
    Values sums = before;
    Cpu::add_divergence(images, latent, from.data(), sums.data());
    Values expected = reference::divergences(latent, doubles(from));
    for (std::size_t i = 0; i < latent; ++i)
      expected[i] += before[i];
    EXPECT_TRUE(support::near_relative("divergences", sums, expected, tolerance));
  });
}

TEST(Divergence, IsZeroOfAStandardNormalDistribution) {
  constexpr std::size_t latent = 21;
  const Floats from(3 * 2 * latent);
  Values sums(latent);
  Cpu::add_divergence(3, latent, from.data(), sums.data());
  EXPECT_EQ(sums, Values(latent, 0.0));
}

Floats gradient(std::size_t images, std::size_t latent, const Floats& from, const Floats& noise,
                const Floats& dz, float scale) {
  Floats result = with_guard(Floats(from.size()));
  Cpu::variational_gradient(images, latent, from.data(), noise.data(), dz.data(), scale,
                            result.data());
  return without_guard(result);
}

TEST(VariationalGradient, MatchesDifferences) {
  // Of dot(z, dz) + scale * divergence in double: no formula is shared. Differences are good to 1e-9
  // of the sum, float32 to 1e-6 of the largest gradient.
  for_each_size([](std::size_t images, std::size_t latent) {
    const Floats noise = floats(images * latent, 2, 3.0F), dz = floats(images * latent, 3);
    Values from = doubles(encoded(images, latent));
    for (const float scale : {0.0F, 0.75F}) {
      const Values expected = reference::numeric_gradient(from, [&] {
        const Values z = reference::reparametrise(latent, from, doubles(noise));
        double sum = 0.0;
        for (std::size_t i = 0; i < z.size(); ++i)
          sum += z[i] * static_cast<double>(dz[i]);
        for (const double divergence : reference::divergences(latent, from))
          sum += static_cast<double>(scale) * divergence;
        return sum;
      });
      EXPECT_TRUE(support::near_relative(
          "gradient", gradient(images, latent, encoded(images, latent), noise, dz, scale), expected,
          1e-5));
    }
  });
}

TEST(Variational, ThreadsDoNotMatter) {
  constexpr std::size_t latent = 129, images = many / latent;
  const Floats from = encoded(images, latent), noise = floats(images * latent, 2),
               dz = floats(images * latent, 3);
  expect_same_bits_for_threads([&] {
    Floats z(images * latent);
    Cpu::reparametrise(images, latent, from.data(), noise.data(), z.data());
    return z;
  });
  expect_same_bits_for_threads([&] { return gradient(images, latent, from, noise, dz, 0.5F); });
  expect_same_bits_for_threads([&] {
    Values sums(latent);
    Cpu::add_divergence(images, latent, from.data(), sums.data());
    Floats bits(2 * latent);
    std::memcpy(bits.data(), sums.data(), latent * sizeof(double));
    return bits;
  });
}

TEST(Variational, NaNStaysNaNInItsDimension) {
  constexpr std::size_t latent = 21, images = 2;
  const Floats noise = floats(images * latent, 2), dz = floats(images * latent, 3);
  for (const std::size_t at : {3U, 20U}) {  // in a vector and in the rest
    for (const bool mean : {true, false}) {
      Floats from = encoded(images, latent);
      from[2 * latent + (mean ? at : latent + at)] = std::numeric_limits<float>::quiet_NaN();
      Floats z(images * latent);
      Cpu::reparametrise(images, latent, from.data(), noise.data(), z.data());
      Values sums(latent);
      Cpu::add_divergence(images, latent, from.data(), sums.data());
      const Floats slopes = gradient(images, latent, from, noise, dz, 0.5F);
      for (std::size_t i = 0; i < latent; ++i) {
        EXPECT_FALSE(std::isnan(z[i])) << "another image";
        EXPECT_EQ(std::isnan(z[latent + i]), i == at);
        EXPECT_EQ(std::isnan(sums[i]), i == at);
        EXPECT_EQ(std::isnan(slopes[(mean ? 2 : 3) * latent + i]), i == at);
      }
    }
  }
}

}  // namespace variational_test
