// SPDX-License-Identifier: MIT
// The few operations on vectors that are spelled out for each instruction set.

#include "lamina/backend/cpu/simd.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include <gtest/gtest.h>

namespace simd_test {

using namespace lamina;

using Lanes = std::array<float, lanes>;

Lanes values(const Vec& vector) {
  Lanes result;
  store_unaligned(result.data(), vector);
  return result;
}

/// first, first + 1, ...
Vec counting(float first) {
  Lanes result;
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = first + static_cast<float>(i);
  return load_unaligned(result.data());
}

TEST(Simd, MultiplyAddIsRoundedOnceWhereTheProcessorCan) {
#if defined(__FMA__) || defined(__AVX512F__) || defined(__aarch64__)
  constexpr bool fused = true;
#else
  constexpr bool fused = false;
#endif
  constexpr float epsilon = std::numeric_limits<float>::epsilon();
  const Vec result = fmadd(held(Vec(1.0F + epsilon)), Vec(1.0F - epsilon), Vec(-1.0F));
  for (const float value : values(result))
    EXPECT_EQ(value, fused ? -epsilon * epsilon : 0.0F);
}

TEST(Simd, ClampedKeepsNotANumber) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const float value : values(clamped(Vec(nan), -1.0F, 1.0F)))
    EXPECT_TRUE(std::isnan(value));
  EXPECT_EQ(values(clamped(Vec(-3.0F), -1.0F, 1.0F))[0], -1.0F);
  EXPECT_EQ(values(clamped(Vec(3.0F), -1.0F, 1.0F))[0], 1.0F);
  EXPECT_EQ(values(clamped(Vec(0.5F), -1.0F, 1.0F))[0], 0.5F);
}

TEST(Simd, PartialLoadsAndStoresLeaveTheRestAlone) {
  for (int count = 0; count <= lanes; ++count) {
    const Lanes loaded = values(load_partial(values(counting(1.0F)).data(), count));
    Lanes stored{};
    store_partial(stored.data(), counting(1.0F), count);
    for (int i = 0; i < lanes; ++i) {
      const float expected = i < count ? static_cast<float>(i + 1) : 0.0F;
      EXPECT_EQ(loaded[static_cast<std::size_t>(i)], expected) << count << " loaded, lane " << i;
      EXPECT_EQ(stored[static_cast<std::size_t>(i)], expected) << count << " stored, lane " << i;
    }
  }
}

TEST(Simd, TransposeSquareTransposes) {
  Vec rows[lanes];
  for (int i = 0; i < lanes; ++i)
    rows[i] = counting(static_cast<float>(100 * i));
  transpose_square(rows);
  for (int i = 0; i < lanes; ++i) {
    const Lanes row = values(rows[i]);
    for (int j = 0; j < lanes; ++j)
      EXPECT_EQ(row[static_cast<std::size_t>(j)], static_cast<float>(100 * j + i)) << i << ' ' << j;
  }
}

TEST(Simd, SumEachAddsTheLanesOfEachVector) {
  Vec terms[lanes];
  for (int i = 0; i < lanes; ++i)
    terms[i] = counting(static_cast<float>(100 * i));
  const Lanes sums = values(sum_each(terms));
  for (int i = 0; i < lanes; ++i)
    EXPECT_EQ(sums[static_cast<std::size_t>(i)],
              static_cast<float>(lanes * 100 * i + lanes * (lanes - 1) / 2))
        << i;
}

#ifdef __aarch64__
TEST(Simd, ArmIsNeonWithThirtyTwoRegisters) {
  EXPECT_STREQ(instruction_set(), "NEON");
  EXPECT_FALSE(slow_instruction_set);
  EXPECT_EQ(lanes, 4);
  EXPECT_EQ(vector_registers, 32);
}
#endif

}  // namespace simd_test
