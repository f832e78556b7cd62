// SPDX-License-Identifier: MIT
// GroupNorm against the double-precision reference; training and evaluation are the same.

#include "reference/group_norm.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/model_check.hpp"

namespace group_norm_test {

using namespace lamina;
using reference::Values;
using reference::layer::group_norm;
using support::expect_matches_reference;

TEST(GroupNorm, MatchesReference) {
  for (const int images : {1, 3}) {
    expect_matches_reference<Sequential<GroupNorm<8, 32>>, Shape<32, 7, 7>>({group_norm(8)},
                                                                            {.images = images});
  }
}

TEST(GroupNorm, MatchesReferenceOddChannels) {
  expect_matches_reference<Sequential<GroupNorm<3, 33>>, Shape<33, 5, 3>>({group_norm(3)});
  expect_matches_reference<Sequential<GroupNorm<5, 15>>, Shape<15, 3, 7>>({group_norm(5)});
}

TEST(GroupNorm, MatchesReferenceOneGroupAndOneChannelEach) {
  expect_matches_reference<Sequential<GroupNorm<1, 6>>, Shape<6, 5, 7>>({group_norm(1)});
  expect_matches_reference<Sequential<GroupNorm<6, 6>>, Shape<6, 5, 7>>({group_norm(6)});
  expect_matches_reference<Sequential<GroupNorm<1, 1>>, Shape<1, 7, 9>>({group_norm(1)},
                                                                        {.images = 1});
}

TEST(GroupNorm, MatchesReferenceOfVectorsAndOfTwoDimensions) {
  expect_matches_reference<Sequential<GroupNorm<2, infer>>, Shape<34>>({group_norm(2)},
                                                                       {.images = 5});
  expect_matches_reference<Sequential<GroupNorm<2, 6>>, Shape<6, 5>>({group_norm(2)});
}

TEST(GroupNorm, MatchesReferenceManyPixelsManyImages) {
  expect_matches_reference<Sequential<GroupNorm<2, 4>>, Shape<4, 13, 11>>({group_norm(2)},
                                                                          {.images = 67});
}

TEST(GroupNorm, MatchesReferenceInEvaluation) {
  expect_matches_reference<Sequential<GroupNorm<3, 9>>, Shape<9, 5, 3>>(
      {group_norm(3)}, {.images = 2, .training = false});
}

TEST(GroupNorm, MatchesReferenceInAChain) {
  // Two of them, so that each finds its own statistics again, beside a BatchNorm's.
  using Net = Sequential<Conv2d<2, 6, 3, 1, 1>, GroupNorm<2, infer>, SiLU, BatchNorm2d<6>,
                         Conv2d<6, 9, 3, 2, 1>, GroupNorm<3, infer>, Tanh>;
  using namespace reference::layer;
  expect_matches_reference<Net, Shape<2, 5, 6>>(
      {conv2d(6, 3, 1, 1), group_norm(2), silu(), batch_norm(), conv2d(9, 3, 2, 1), group_norm(3),
       reference::layer::tanh()},
      {.images = 5});
}

TEST(GroupNorm, KeepsItsDigitsFarFromZero) {
  // Values of 1000 +- 1: a one-pass variance of floats has no digit left. What remains is the
  // rounding of the values themselves, 1000 * 2^-24 = 6e-5, beside a standard deviation of 0.6.
  using S = Shape<6, 9, 7>;
  Model<Sequential<GroupNorm<2, 6>>, S> model;
  Values x = support::random_values(3 * S::size, 1);
  for (double& value : x)
    value = static_cast<float>(value + 1000.0);
  const Values y = reference::group_norm({3, 6, 9, 7, 2}, x, Values(6, 1.0), Values(6, 0.0));
  const auto input = support::batch_of<S>(x);
  EXPECT_TRUE(support::near_relative("output", support::values_of(model.forward(input)), y, 2e-4));
}

TEST(GroupNorm, SeesDifferencesBetweenChannels) {
  // Channels that are constant, but not equal: the variance is between them alone.
  using S = Shape<2, 3, 3>;
  Model<Sequential<GroupNorm<1, 2>>, S> model;
  Values x(S::size, 1.0);
  std::fill(x.begin() + 9, x.end(), 3.0);
  const Values y = support::values_of(model.forward(support::batch_of<S>(x)));
  Values expected(S::size, -1.0 / std::sqrt(1.0 + 1e-5));
  std::fill(expected.begin() + 9, expected.end(), 1.0 / std::sqrt(1.0 + 1e-5));
  EXPECT_TRUE(support::near_relative("output", y, expected, 1e-6));
}

TEST(GroupNorm, StaysFiniteOnConstantImages) {
  using S = Shape<4, 4, 4>;
  Model<Sequential<GroupNorm<2, 4>>, S> model;
  Tensor<S> x(2);
  for (float& value : x.span())
    value = 0.3F;
  EXPECT_LT(support::max_abs(support::values_of(model.forward(x))), 1e-4);
  model.zero_grad();
  model.backward(x, Gradients::parameters_and_input);
  EXPECT_TRUE(std::isfinite(support::max_abs(support::values_of(model.input_gradient()))));
}

TEST(GroupNorm, TreatsEachImageAlone) {
  using S = Shape<6, 5, 3>;
  Model<Sequential<GroupNorm<3, 6>>, S> model;
  support::randomise(model, 1);
  const auto all = support::batch_of<S>(support::random_values(7 * S::size, 1));
  const Values together = support::values_of(model.forward(all));
  for (std::size_t i = 0; i < 7; ++i) {
    const Values alone = support::values_of(model.forward(all.images(i, 1)));
    for (std::size_t j = 0; j < S::size; ++j)
      ASSERT_EQ(alone[j], together[i * S::size + j]) << "image " << i;
  }
}

TEST(GroupNorm, NaNComesThrough) {
  support::expect_nan_spreads<Sequential<GroupNorm<3, 6>>, Shape<6, 5, 7>>();
}

}  // namespace group_norm_test
