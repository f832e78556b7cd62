// SPDX-License-Identifier: MIT
// Products of bfloat16: what is multiplied is rounded, sums are float32 and have a fixed order.

#include "lamina/backend/cpu/bfloat16.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/core/bfloat16.hpp"

#include "reference/window.hpp"
#include "support/with_threads.hpp"

namespace bfloat16_test {

using namespace lamina;
using window::as_size;
using window::Floats;

std::uint32_t bits(float value) {
  return std::bit_cast<std::uint32_t>(value);
}

float rounded(float value) {
  return to_float(to_bfloat16(value));
}

TEST(BFloat16, RoundsToTheNearestAndTiesToEven) {
  constexpr float step = 1.0F / 128.0F;  // between 1 and 2
  EXPECT_EQ(rounded(1.0F), 1.0F);
  EXPECT_EQ(rounded(1.0F + 0.49F * step), 1.0F);
  EXPECT_EQ(rounded(1.0F + 0.5F * step), 1.0F);
  EXPECT_EQ(rounded(1.0F + 0.51F * step), 1.0F + step);
  EXPECT_EQ(rounded(1.0F + 1.5F * step), 1.0F + 2 * step);
  EXPECT_EQ(rounded(-1.0F - 1.5F * step), -1.0F - 2 * step);
  EXPECT_EQ(rounded(3.140625F), 3.140625F);
}

TEST(BFloat16, KeepsWhatIsNoOrdinaryNumber) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(rounded(infinity), infinity);
  EXPECT_EQ(rounded(-infinity), -infinity);
  EXPECT_EQ(rounded(std::numeric_limits<float>::max()), infinity);
  EXPECT_TRUE(std::isnan(rounded(std::numeric_limits<float>::quiet_NaN())));
  EXPECT_TRUE(std::isnan(rounded(std::bit_cast<float>(0x7F800001U))));
  EXPECT_EQ(bits(rounded(-0.0F)), bits(-0.0F));
  EXPECT_EQ(bits(rounded(-1e-39F)), bits(-0.0F));
  EXPECT_EQ(rounded(std::numeric_limits<float>::min()), std::numeric_limits<float>::min());
}

/// Pair after pair, the second number first.
TEST(BFloat16, SumsPairsInTheOrderOfTheInstruction) {
  constexpr int inputs = 37, outputs = 19;
  constexpr WindowGeometry geometry = linear_geometry(inputs, outputs);
  const window::Arrays<geometry> arrays(1);
  constexpr WorkspaceSize size = CpuBFloat16::gather_workspace<geometry>();
  Floats workspace(size.of(1));
  Floats result(outputs);
  CpuBFloat16::gather<geometry>(1, arrays.big.data(), arrays.gather_weights.data(),
                                arrays.small_bias.data(), result.data(), workspace.data());
  for (int o = 0; o < outputs; ++o) {
    const auto add = [&](float sum, int input) {
      if (input >= inputs) return sum;
      const float weight = arrays.plain_weights[window::Arrays<geometry>::plain(0, input, o)];
      return std::fma(rounded(arrays.big[as_size(input)]), rounded(weight), sum);
    };
    float sum = 0.0F;
    for (int input = 0; input < inputs; input += 2)
      sum = add(add(sum, input + 1), input);
    const float expected = sum + arrays.small_bias[as_size(o)];
    EXPECT_EQ(bits(result[as_size(o)]), bits(expected)) << "output " << o;
  }
}

/// What plain loops make of rounded numbers.
template <WindowGeometry G>
struct Rounded : window::Reference<G> {
  explicit Rounded(int batch) : window::Reference<G>(batch) {
    for (Floats* values : {&this->big, &this->small, &this->plain_weights})
      for (std::size_t i = 0; i < values->size(); ++i)
        (*values)[i] = rounded((*values)[i]);
    std::fill(this->weight_gradient.begin(), this->weight_gradient.end(), 0.0);
    this->compute();
  }
};

template <WindowGeometry G>
struct Case {
  static constexpr WindowGeometry geometry = G;
};

template <class C>
class BFloat16Products : public testing::Test {
 protected:
  static constexpr WindowGeometry G = C::geometry;

  static void expect_near(const std::vector<double>& expected, const std::vector<double>& scale,
                          const Floats& got, const char* what) {
    if (const auto i = window::first_far(expected, scale, got))
      FAIL() << what << " at " << *i << ": expected " << expected[*i] << ", got " << got[*i];
  }

  static Floats gathered(const window::Arrays<G>& arrays) {
    const std::size_t n = as_size(arrays.n);
    Floats workspace(CpuBFloat16::gather_workspace<G>().of(n));
    Floats result(arrays.small.size());
    CpuBFloat16::gather<G>(n, arrays.big.data(), arrays.gather_weights.data(),
                           arrays.small_bias.data(), result.data(), workspace.data());
    return result;
  }
  static Floats scattered(const window::Arrays<G>& arrays) {
    const std::size_t n = as_size(arrays.n);
    Floats workspace(CpuBFloat16::scatter_workspace<G>().of(n));
    Floats result(arrays.big.size());
    CpuBFloat16::scatter<G>(n, arrays.small.data(), arrays.scatter_weights.data(),
                            arrays.big_bias.data(), result.data(), workspace.data());
    return result;
  }
  template <LanesAre Along>
  static Floats weight_gradient(const window::Arrays<G>& arrays) {
    const std::size_t n = as_size(arrays.n);
    Floats workspace(CpuBFloat16::weight_gradient_workspace<G, Along>().of(n));
    Floats result(weight_layout(G, Along).size());
    CpuBFloat16::weight_gradient<G, Along>(n, arrays.big.data(), arrays.small.data(), result.data(),
                                           workspace.data());
    return window::unpacked<G, Along>(result);
  }
};

TYPED_TEST_SUITE_P(BFloat16Products);

TYPED_TEST_P(BFloat16Products, AreThoseOfRoundedNumbers) {
  for (const int n : {1, 2, 5}) {
    SCOPED_TRACE("batch " + std::to_string(n));
    const window::Arrays<TestFixture::G> arrays(n);
    const Rounded<TestFixture::G> expected(n);
    this->expect_near(expected.gathered, expected.gather_scale, this->gathered(arrays), "gather");
    this->expect_near(expected.scattered, expected.scatter_scale, this->scattered(arrays),
                      "scatter");
    this->expect_near(expected.weight_gradient, expected.weight_scale,
                      this->template weight_gradient<LanesAre::small>(arrays), "small lanes");
    this->expect_near(expected.weight_gradient, expected.weight_scale,
                      this->template weight_gradient<LanesAre::big>(arrays), "big lanes");
  }
}

TYPED_TEST_P(BFloat16Products, HaveTheSameBitsForAnyNumberOfThreads) {
  const window::Arrays<TestFixture::G> arrays(5);
  const auto results = [&](int threads) {
    const support::WithThreads with(threads);
    return std::array{this->gathered(arrays), this->scattered(arrays),
                      this->template weight_gradient<LanesAre::small>(arrays),
                      this->template weight_gradient<LanesAre::big>(arrays)};
  };
  const auto one = results(1);
  const auto three = results(3);
  for (std::size_t i = 0; i < one.size(); ++i)
    EXPECT_TRUE(window::same_bits(one[i].data(), three[i].data(), one[i].size()))
        << "product " << i;
}

REGISTER_TYPED_TEST_SUITE_P(BFloat16Products, AreThoseOfRoundedNumbers,
                            HaveTheSameBitsForAnyNumberOfThreads);

// Even and odd channels, one and three of them, few to few, windows that are the whole image, folds.
using Geometries = testing::Types<
    Case<linear_geometry(100, 10)>, Case<linear_geometry(65, 33)>, Case<linear_geometry(3, 70)>,
    Case<conv2d_geometry(14, 14, 32, 64, 4, 2, 1)>, Case<conv2d_geometry(9, 13, 21, 37, 3, 1, 1)>,
    Case<conv2d_geometry(28, 28, 1, 32, 4, 2, 1)>, Case<conv2d_geometry(10, 11, 33, 3, 2, 3, 1)>,
    Case<conv2d_geometry(5, 5, 1, 1, 3, 1, 0)>, Case<conv2d_geometry(4, 4, 8, 1, 4, 1, 0)>,
    Case<conv2d_geometry(4, 4, 80, 2, 4, 1, 0)>, Case<conv2d_geometry(60, 12, 7, 3, 5, 1, 2)>,
    Case<conv_transpose2d_geometry(1, 1, 100, 40, 7, 1, 0, 0)>,
    Case<conv_transpose2d_geometry(14, 14, 32, 1, 4, 2, 1, 0)>,
    Case<conv_transpose2d_geometry(5, 7, 19, 9, 3, 2, 1, 1)>>;
INSTANTIATE_TYPED_TEST_SUITE_P(Geometries, BFloat16Products, Geometries);

}  // namespace bfloat16_test
