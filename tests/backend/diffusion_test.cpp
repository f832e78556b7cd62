// SPDX-License-Identifier: MIT
// Mixing images with noise and one step of the way back, against the double-precision reference.

#include "lamina/backend/cpu/diffusion.hpp"

#include <cmath>
#include <cstddef>
#include <limits>

#include <gtest/gtest.h>

#include "backend/flat_arrays.hpp"
#include "reference/diffusion.hpp"
#include "support/compare.hpp"

namespace diffusion_test {

using namespace flat;
using lamina::Cpu;
using lamina::DenoiseStep;

constexpr std::size_t images = 3;

Floats mixed(std::size_t count, std::size_t size, const Floats& first, const Floats& second) {
  const Floats a = floats(count, 3), b = floats(count, 4);
  Floats y = with_guard(Floats(count * size));
  Cpu::mix(count, size, a.data(), first.data(), b.data(), second.data(), y.data());
  return without_guard(y);
}

TEST(Mix, MatchesAPlainLoop) {
  for (const std::size_t size : sizes()) {
    const Floats first = floats(images * size, 1), second = floats(images * size, 2, 3.0F);
    const Values a = doubles(floats(images, 3)), b = doubles(floats(images, 4));
    Values expected(images * size);
    for (std::size_t i = 0; i < expected.size(); ++i)
      expected[i] = a[i / size] * static_cast<double>(first[i]) +
                    b[i / size] * static_cast<double>(second[i]);
    // Two products and a sum in float32, each rounding by 6e-8 of the largest.
    EXPECT_TRUE(support::near_relative("mix", mixed(images, size, first, second), expected, 3e-7));
  }
}

/// A step in the middle of a process.
constexpr DenoiseStep middle{
    .signal = 0.6F, .noise = 0.8F, .signal_before = 0.8F, .direction = 0.5F, .spread = 0.3F};
/// The last step: nothing but the image is left.
constexpr DenoiseStep last{
    .signal = 0.99F, .noise = 0.14F, .signal_before = 1.0F, .direction = 0.0F, .spread = 0.0F};

reference::DenoiseStep in_double(const DenoiseStep& step) {
  return {static_cast<double>(step.signal), static_cast<double>(step.noise),
          static_cast<double>(step.signal_before), static_cast<double>(step.direction),
          static_cast<double>(step.spread)};
}

Floats denoised(const DenoiseStep& step, Floats x) {
  const Floats seen = floats(x.size(), 2, 2.0F), fresh = floats(x.size(), 3, 3.0F);
  x = with_guard(x);
  Cpu::denoise(x.size() - 1, step, seen.data(), fresh.data(), x.data());
  return without_guard(x);
}

TEST(Denoise, MatchesReference) {
  for (const std::size_t size : sizes()) {
    for (const DenoiseStep& step : {middle, last}) {
      const Floats x = floats(size, 1, 2.0F);
      const Values expected =
          reference::denoise(in_double(step), doubles(x), doubles(floats(size, 2, 2.0F)),
                             doubles(floats(size, 3, 3.0F)));
      // A dozen roundings of 6e-8 of values up to 4, divided by signal and noise on the way.
      EXPECT_TRUE(support::near_relative("x", denoised(step, x), expected, 3e-6));
    }
  }
}

TEST(Denoise, LastStepIsAnImageInItsRange) {
  const Floats x = denoised(last, floats(1000, 1, 2.0F));
  EXPECT_EQ(*std::ranges::min_element(x), -1.0F);
  EXPECT_EQ(*std::ranges::max_element(x), 1.0F);
}

TEST(Denoise, NaNStaysNaN) {
  // In what there is and in what the model sees; clipping must not make an image of it.
  for (const std::size_t at : {0U, 20U}) {  // in a vector and in the rest
    for (const bool in_seen : {true, false}) {
      Floats x = floats(21, 1), seen = floats(21, 2);
      (in_seen ? seen : x)[at] = std::numeric_limits<float>::quiet_NaN();
      Cpu::denoise(x.size(), last, seen.data(), floats(21, 3).data(), x.data());
      for (std::size_t i = 0; i < x.size(); ++i)
        EXPECT_EQ(std::isnan(x[i]), i == at) << i;
    }
  }
}

TEST(Diffusion, ThreadsDoNotMatter) {
  constexpr std::size_t size = 501, count = many / size;
  const Floats first = floats(count * size, 1), second = floats(count * size, 2);
  expect_same_bits_for_threads([&] { return mixed(count, size, first, second); });
  expect_same_bits_for_threads([] { return denoised(middle, floats(many, 1)); });
}

}  // namespace diffusion_test
