// SPDX-License-Identifier: MIT
// Residual against the double-precision reference, forward and backward.

#include <cstddef>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "reference/layer.hpp"
#include "support/model_check.hpp"

namespace residual_test {

using namespace lamina;
using namespace reference::layer;
using reference::Values;
using support::expect_matches_reference;

TEST(Residual, MatchesReference) {
  using Net = Sequential<Residual<Conv2d<16, 16, 3, 1, 1>, ReLU, Conv2d<16, 16, 3, 1, 1>>>;
  for (const int images : {1, 3}) {
    expect_matches_reference<Net, Shape<16, 6, 6>>(
        {residual({conv2d(16, 3, 1, 1), relu(), conv2d(16, 3, 1, 1)})}, {.images = images});
  }
}

TEST(Residual, MatchesReferenceOddSizes) {
  expect_matches_reference<Sequential<Residual<Conv2d<17, 17, 3, 1, 1>, SiLU>>, Shape<17, 5, 3>>(
      {residual({conv2d(17, 3, 1, 1), silu()})});
  expect_matches_reference<Sequential<Residual<Conv2d<1, 1, 3, 1, 1>>>, Shape<1, 7, 9>>(
      {residual({conv2d(1, 3, 1, 1)})}, {.images = 1});
}

TEST(Residual, MatchesReferenceAsTheWholeNetwork) {
  expect_matches_reference<Residual<Linear<9, 9>>, Shape<9>>({residual({linear(9)})});
}

TEST(Residual, MatchesReferenceOfVectors) {
  using Net =
      Sequential<Linear<5, 33>, Residual<Linear<33, 7>, Tanh, Linear<7, 33>>, Linear<33, 2>>;
  expect_matches_reference<Net, Shape<5>>(
      {linear(33), residual({linear(7), reference::layer::tanh(), linear(33)}), linear(2)});
}

TEST(Residual, OfNothingDoubles) {
  // At the front, where the input is the caller's; behind one that backward reads; twice; at the
  // end.
  using Net = Sequential<Residual<>, Linear<9, 17>, Tanh, Residual<>, Residual<>, Linear<17, 5>,
                         Residual<>>;
  expect_matches_reference<Net, Shape<9>>({residual({}), linear(17), reference::layer::tanh(),
                                           residual({}), residual({}), linear(5), residual({})});
  Model<Residual<>, Shape<3>> model;
  const auto x = support::batch_of<Shape<3>>({1, -2, 3});
  EXPECT_EQ(support::values_of(model.forward(x)), (Values{2, -4, 6}));
  EXPECT_EQ(support::values_of(x), (Values{1, -2, 3}));
}

TEST(Residual, LayersMayNotWriteOverWhatIsAdded) {
  // Each of these would write over its input elsewhere.
  using Net = Sequential<Linear<9, 9>, Residual<ReLU>, Residual<Sigmoid, Tanh>,
                         Residual<LeakyReLU<0.2>, Linear<9, 9>>, Residual<Tanh, Residual<Sigmoid>>>;
  expect_matches_reference<Net, Shape<9>>(
      {linear(9), residual({relu()}), residual({sigmoid(), reference::layer::tanh()}),
       residual({leaky_relu(0.2), linear(9)}),
       residual({reference::layer::tanh(), residual({sigmoid()})})},
      {.images = 5});
}

TEST(Residual, MatchesReferenceNested) {
  using Inner = Residual<Conv2d<4, 4, 3, 1, 1>, SiLU>;
  using Net = Sequential<Residual<Inner, GroupNorm<2, 4>, Residual<Inner, Tanh>>, Inner>;
  const auto inner = residual({conv2d(4, 3, 1, 1), silu()});
  expect_matches_reference<Net, Shape<4, 5, 3>>(
      {residual({inner, group_norm(2), residual({inner, reference::layer::tanh()})}), inner});
}

TEST(Residual, MatchesReferenceAroundBatchNorm) {
  using Net =
      Sequential<Conv2d<2, 6, 3>, Residual<BatchNorm2d<infer>, ReLU, Conv2d<6, 6, 1>>, Tanh>;
  for (const bool training : {true, false}) {
    expect_matches_reference<Net, Shape<2, 7, 6>>(
        {conv2d(6, 3), residual({batch_norm(), relu(), conv2d(6, 1)}), reference::layer::tanh()},
        {.training = training, .seed = 2});
  }
}

TEST(Residual, MatchesReferenceAroundViews) {
  // A view of the value that is added later: its memory is read by three.
  using Net =
      Sequential<Unflatten<1, 3, 4>, Flatten, Residual<Unflatten<1, 3, 4>, Sigmoid, Flatten>,
                 Residual<Flatten>, Residual<Flatten, Linear<12, 12>>>;
  expect_matches_reference<Net, Shape<12>>(
      {unflatten(1, 3, 4), flatten(), residual({unflatten(1, 3, 4), sigmoid(), flatten()}),
       residual({flatten()}), residual({flatten(), linear(12)})});
}

TEST(Residual, PathsAreThoseOfAModuleThatHoldsASequential) {
  Model<Sequential<Linear<3, 4>, Residual<Linear<4, 2>, Tanh, Linear<2, 4>>>, Shape<3>> model;
  const auto tensors = model.named_parameters();
  ASSERT_EQ(tensors.size(), 6U);
  EXPECT_EQ(tensors[2].name(), "1.0.weight");
  EXPECT_EQ(tensors[5].name(), "1.2.bias");
}

TEST(Residual, NaNComesThrough) {
  support::expect_nan_spreads<Sequential<Residual<Conv2d<3, 3, 3, 1, 1>>>, Shape<3, 5, 7>>();
  support::expect_nan_spreads<Sequential<Residual<>>, Shape<7>>();
}

}  // namespace residual_test
