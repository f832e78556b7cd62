// SPDX-License-Identifier: MIT
// MaxPool2d and AvgPool2d against the double-precision reference, forward and backward.

#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/model_check.hpp"

namespace pool2d_test {

using namespace lamina;
using reference::Values;
using reference::layer::avg_pool2d;
using reference::layer::max_pool2d;
using support::expect_matches_reference;

/// Both pools, with these arguments, on a batch of images of this shape.
template <class In, int Kernel, int Stride, int Padding = 0>
void expect_both_match(int images = 3) {
  expect_matches_reference<Sequential<MaxPool2d<Kernel, Stride, Padding>>, In>(
      {max_pool2d(Kernel, Stride, Padding)}, {.images = images});
  expect_matches_reference<Sequential<AvgPool2d<Kernel, Stride, Padding>>, In>(
      {avg_pool2d(Kernel, Stride, Padding)}, {.images = images});
}

TEST(Pool2d, MatchesReferenceHalving) {
  expect_both_match<Shape<16, 8, 8>, 2, 2>(1);
  expect_both_match<Shape<17, 6, 4>, 2, 2>();
}

TEST(Pool2d, MatchesReferenceSizesThatDoNotDivide) {
  expect_both_match<Shape<3, 7, 5>, 2, 2>();
  expect_both_match<Shape<33, 8, 7>, 3, 3>();
}

TEST(Pool2d, MatchesReferenceOverlapping) {
  expect_both_match<Shape<5, 9, 7>, 3, 2>();
  expect_both_match<Shape<2, 6, 6>, 4, 1>();
}

TEST(Pool2d, MatchesReferenceOverlappingAndPadded) {
  expect_both_match<Shape<17, 7, 9>, 3, 2, 1>();
  expect_both_match<Shape<4, 5, 6>, 5, 1, 2>();
}

TEST(Pool2d, MatchesReferenceStrideBeyondKernel) {
  expect_both_match<Shape<3, 9, 8>, 2, 3>();
}

TEST(Pool2d, MatchesReferenceOneChannelOneImage) {
  expect_both_match<Shape<1, 28, 28>, 2, 2>(1);
  expect_both_match<Shape<1, 7, 5>, 3, 1, 1>(1);
}

TEST(Pool2d, MatchesReferenceOnePixel) {
  expect_both_match<Shape<3, 1, 1>, 1, 1>();
  expect_both_match<Shape<3, 1, 1>, 2, 1, 1>();
  expect_both_match<Shape<5, 7, 7>, 7, 7>();
}

TEST(Pool2d, MatchesReferenceInAChain) {
  // ReLU may not write over what the pool reads in backward.
  using Net = Sequential<Conv2d<2, 9, 3, 1, 1>, Tanh, MaxPool2d<2>, ReLU, AvgPool2d<3, 1, 1>,
                         Sigmoid, Flatten, Linear<infer, 5>>;
  using namespace reference::layer;
  expect_matches_reference<Net, Shape<2, 7, 6>>(
      {conv2d(9, 3, 1, 1), reference::layer::tanh(), max_pool2d(2, 2), relu(), avg_pool2d(3, 1, 1),
       reference::layer::sigmoid(), flatten(), linear(5)});
}

/// y and dx of a layer for one image, with an output gradient of 1, 2, 3, ...
template <class L, class In>
std::pair<Values, Values> run(const Values& x) {
  using M = Model<Sequential<L>, In>;
  M model;
  const auto input = support::batch_of<In>(x);
  const Values y = support::values_of(model.forward(input));
  Values dy(y.size());
  for (std::size_t i = 0; i < dy.size(); ++i)
    dy[i] = static_cast<double>(i + 1);
  model.backward(support::batch_of<typename M::output_shape>(dy), Gradients::input);
  return {y, support::values_of(model.input_gradient())};
}

TEST(MaxPool2d, FirstOfEqualValuesGetsTheGradientAsInTorch) {
  // x = torch.zeros(1, 1, 2, 4, requires_grad=True)
  // nn.MaxPool2d(2)(x).backward(torch.tensor([[[[1., 2.]]]]))
  EXPECT_EQ((run<MaxPool2d<2>, Shape<1, 2, 4>>(Values(8, 0.0)).second),
            (Values{1, 0, 2, 0, 0, 0, 0, 0}));
  // nn.MaxPool2d(3, 1, 1)(x): every window begins with the pixel above and to the left
  EXPECT_EQ((run<MaxPool2d<3, 1, 1>, Shape<1, 2, 4>>(Values(8, 0.0)).second),
            (Values{1 + 2 + 5 + 6, 3 + 7, 4 + 8, 0, 0, 0, 0, 0}));
}

TEST(MaxPool2d, PaddingNeverWins) {
  const auto [y, dx] = run<MaxPool2d<2, 1, 1>, Shape<1, 1, 2>>({-5.0, -3.0});
  EXPECT_EQ(y, (Values{-5, -3, -3, -5, -3, -3}));
  EXPECT_EQ(dx, (Values{1 + 4, 2 + 3 + 5 + 6}));
  const double lowest = -std::numeric_limits<double>::infinity();
  EXPECT_EQ((run<MaxPool2d<2>, Shape<1, 2, 2>>(Values(4, lowest)).first), Values{lowest});
}

TEST(AvgPool2d, CountsPaddingAsTorch) {
  // nn.AvgPool2d(2, 1, 1)(torch.tensor([[[[4., 8.]]]])): each window has four values
  const auto [y, dx] = run<AvgPool2d<2, 1, 1>, Shape<1, 1, 2>>({4.0, 8.0});
  EXPECT_EQ(y, (Values{1, 3, 2, 1, 3, 2}));
  EXPECT_EQ(dx, (Values{(1 + 2 + 4 + 5) / 4.0, (2 + 3 + 5 + 6) / 4.0}));
}

TEST(Pool2d, NaNComesThrough) {
  using Awkward = Shape<3, 5, 7>;
  support::expect_nan_spreads<Sequential<MaxPool2d<3, 1, 1>>, Awkward>();
  support::expect_nan_spreads<Sequential<AvgPool2d<3, 1, 1>>, Awkward>();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t at = 0; at < 4; ++at) {
    Values x{1.0, 2.0, 3.0, 4.0};
    x[at] = nan;
    EXPECT_TRUE(std::isnan(run<MaxPool2d<2>, Shape<1, 2, 2>>(x).first[0])) << at;
    EXPECT_TRUE(std::isnan(run<AvgPool2d<2>, Shape<1, 2, 2>>(x).first[0])) << at;
  }
}

}  // namespace pool2d_test
