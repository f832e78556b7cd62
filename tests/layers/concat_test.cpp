// SPDX-License-Identifier: MIT
// Concat against the double-precision reference, forward and backward.

#include <cstddef>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/model_check.hpp"

namespace concat_test {

using namespace lamina;
using namespace reference::layer;
using reference::Values;
using support::expect_matches_reference;

TEST(Concat, MatchesReference) {
  using Net = Sequential<Concat<Conv2d<16, 16, 3, 1, 1>, Conv2d<16, 32, 1>>>;
  for (const int images : {1, 3}) {
    expect_matches_reference<Net, Shape<16, 6, 6>>(
        {concat({{conv2d(16, 3, 1, 1)}, {conv2d(32, 1)}})}, {.images = images});
  }
}

TEST(Concat, MatchesReferenceOddSizes) {
  using Net = Sequential<Concat<Conv2d<3, 17, 3>, Conv2d<3, 1, 3>>, SiLU>;
  expect_matches_reference<Net, Shape<3, 7, 5>>(
      {concat({{conv2d(17, 3)}, {conv2d(1, 3)}}), silu()});
  expect_matches_reference<Sequential<Concat<Tanh, Sigmoid>>, Shape<1, 1, 3>>(
      {concat({{reference::layer::tanh()}, {sigmoid()}})}, {.images = 1});
}

TEST(Concat, MatchesReferenceAsTheWholeNetwork) {
  expect_matches_reference<Concat<Linear<9, 4>, Linear<9, 3>>, Shape<9>>(
      {concat({{linear(4)}, {linear(3)}})});
}

TEST(Concat, MatchesReferenceOfVectors) {
  using Net = Sequential<Linear<5, 33>, Concat<Sequential<Linear<33, 7>, Tanh>, Identity>,
                         Linear<infer, 2>>;
  expect_matches_reference<Net, Shape<5>>(
      {linear(33), concat({{linear(7), reference::layer::tanh()}, {}}), linear(2)});
}

TEST(Concat, MatchesReferenceOfTwoAndFourDimensions) {
  expect_matches_reference<Concat<Identity, Tanh>, Shape<3, 5>>(
      {concat({{}, {reference::layer::tanh()}})});
  expect_matches_reference<Concat<Sigmoid, Identity>, Shape<2, 3, 1, 4>>(
      {concat({{sigmoid()}, {}})});
}

TEST(Concat, MatchesReferenceOfIdentities) {
  // The same value twice and three times, the caller's own and a layer's.
  expect_matches_reference<Sequential<Concat<Identity, Identity>>, Shape<3, 5, 7>>(
      {concat({{}, {}})});
  using Net = Sequential<Concat<Identity, Identity>, Conv2d<4, 3, 3>, Tanh,
                         Concat<Identity, Identity, Identity>, Conv2d<9, 2, 3>>;
  expect_matches_reference<Net, Shape<2, 7, 5>>({concat({{}, {}}), conv2d(3, 3),
                                                 reference::layer::tanh(), concat({{}, {}, {}}),
                                                 conv2d(2, 3)});
}

TEST(Concat, MatchesReferenceThreeBranchesOfOneValue) {
  // The value is read by three layers, of which none may write over it; the order of the branches
  // is that of the channels.
  using Net = Sequential<Conv2d<2, 5, 3, 1, 1>,
                         Concat<ReLU, Sequential<MaxPool2d<3, 1, 1>, Conv2d<5, 3, 1>>, Sigmoid>,
                         Conv2d<13, 2, 3>>;
  expect_matches_reference<Net, Shape<2, 5, 6>>(
      {conv2d(5, 3, 1, 1), concat({{relu()}, {max_pool2d(3, 1, 1), conv2d(3, 1)}, {sigmoid()}}),
       conv2d(2, 3)});
}

TEST(Concat, MatchesReferenceOfOneBranchAndOfNone) {
  using Net = Sequential<Concat<Linear<9, 7>>, Tanh, Concat<>, Linear<7, 5>, Concat<Identity>>;
  expect_matches_reference<Net, Shape<9>>(
      {concat({{linear(7)}}), reference::layer::tanh(), linear(5)});
  EXPECT_EQ((Model<Net, Shape<9>>{}.named_parameters()[0].name()), "0.0.weight");
}

TEST(Concat, MatchesReferenceOfViews) {
  // A view of a value that others read, on both sides of the fork.
  using Net =
      Sequential<Conv2d<1, 1, 3, 1, 1>,
                 Concat<Flatten, Sequential<Flatten, Tanh>, Sequential<Flatten, Linear<12, 5>>>>;
  expect_matches_reference<Net, Shape<1, 3, 4>>(
      {conv2d(1, 3, 1, 1),
       concat({{flatten()}, {flatten(), reference::layer::tanh()}, {flatten(), linear(5)}})});
  // The same where a Flatten moves values.
  using Moved = Sequential<Conv2d<1, 3, 3, 1, 1>, Concat<Flatten, Sequential<Tanh, Flatten>>>;
  expect_matches_reference<Moved, Shape<1, 3, 4>>(
      {conv2d(3, 3, 1, 1), concat({{flatten()}, {reference::layer::tanh(), flatten()}})});
}

TEST(Concat, MatchesReferenceAsASkipConnection) {
  using Deep = Sequential<MaxPool2d<2>, Conv2d<6, 8, 3, 1, 1>, SiLU, Upsample<2>>;
  using Net =
      Sequential<Conv2d<2, 6, 3, 1, 1>, SiLU, Concat<Identity, Deep>, Conv2d<14, 1, 3, 1, 1>>;
  expect_matches_reference<Net, Shape<2, 6, 4>>(
      {conv2d(6, 3, 1, 1), silu(),
       concat({{}, {max_pool2d(2, 2), conv2d(8, 3, 1, 1), silu(), upsample(2)}}),
       conv2d(1, 3, 1, 1)});
}

TEST(Concat, PutsBranchesSideBySideAsTorch) {
  // x = torch.tensor([[1., 2.], [3., 4.]]); torch.cat([x, x + x, x], dim=1)
  Model<Concat<Identity, Residual<>, Identity>, Shape<2>> model;
  const auto x = support::batch_of<Shape<2>>({1, 2, 3, 4});
  EXPECT_EQ(support::values_of(model.forward(x)), (Values{1, 2, 2, 4, 1, 2, 3, 4, 6, 8, 3, 4}));
  model.backward(support::batch_of<Shape<6>>({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}),
                 Gradients::input);
  EXPECT_EQ(support::values_of(model.input_gradient()),
            (Values{1 + 6 + 5, 2 + 8 + 6, 7 + 18 + 11, 8 + 20 + 12}));
}

TEST(Concat, NaNComesThrough) {
  using Net = Sequential<Concat<Conv2d<3, 4, 3, 1, 1>, Identity>>;
  support::expect_nan_spreads<Net, Shape<3, 5, 7>>();
}

}  // namespace concat_test
