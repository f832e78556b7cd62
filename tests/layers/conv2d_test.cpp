// SPDX-License-Identifier: MIT
// Conv2d against the double-precision reference, forward and backward, on pretty and awkward sizes.

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/model_check.hpp"

namespace conv2d_test {

using namespace lamina;
using reference::layer::conv2d;
using support::expect_matches_reference;

static_assert(Output<Sequential<Conv2d<3, 5, 4, 3, 2>>, Shape<3, 11, 8>>::value ==
              Shape<5, 4, 3>::value);

TEST(Conv2d, MatchesReferenceStride1) {
  expect_matches_reference<Sequential<Conv2d<3, 5, 3>>, Shape<3, 7, 9>>({conv2d(5, 3)});
}

TEST(Conv2d, MatchesReferenceStride2) {
  using Net = Sequential<Conv2d<8, 16, 4, 2, 1>>;
  for (const int images : {1, 3, 16}) {
    expect_matches_reference<Net, Shape<8, 14, 14>>({conv2d(16, 4, 2, 1)}, {.images = images});
  }
}

TEST(Conv2d, MatchesReferenceOneChannelIn) {
  expect_matches_reference<Sequential<Conv2d<1, 32, 4, 2, 1>>, Shape<1, 28, 28>>(
      {conv2d(32, 4, 2, 1)});
}

TEST(Conv2d, MatchesReferenceOneChannelOut) {
  expect_matches_reference<Sequential<Conv2d<33, 1, 3, 1, 1>>, Shape<33, 5, 6>>(
      {conv2d(1, 3, 1, 1)});
}

TEST(Conv2d, MatchesReferenceOddChannels) {
  using Net = Sequential<Conv2d<17, 33, 3, 2, 1>>;
  for (const int images : {1, 3}) {
    expect_matches_reference<Net, Shape<17, 9, 7>>({conv2d(33, 3, 2, 1)}, {.images = images});
  }
}

TEST(Conv2d, MatchesReferenceStrideBeyondKernel) {
  // Columns 2, 5, 8 and the last row are read by no window.
  expect_matches_reference<Sequential<Conv2d<2, 3, 2, 3>>, Shape<2, 9, 8>>({conv2d(3, 2, 3)});
}

TEST(Conv2d, MatchesReferencePaddingBeyondKernel) {
  // Some windows see padding only.
  expect_matches_reference<Sequential<Conv2d<2, 5, 2, 1, 3>>, Shape<2, 4, 3>>({conv2d(5, 2, 1, 3)});
}

TEST(Conv2d, MatchesReferenceWindowOfTheWholeImage) {
  expect_matches_reference<Sequential<Conv2d<8, 17, 7>>, Shape<8, 7, 7>>({conv2d(17, 7)});
}

TEST(Conv2d, MatchesReferenceKernel1) {
  expect_matches_reference<Sequential<Conv2d<5, 17, 1>>, Shape<5, 3, 5>>({conv2d(17, 1)});
}

TEST(Conv2d, MatchesReferenceOnePixel) {
  expect_matches_reference<Sequential<Conv2d<3, 2, 3, 1, 1>>, Shape<3, 1, 1>>({conv2d(2, 3, 1, 1)},
                                                                              {.images = 1});
}

TEST(Conv2d, MatchesReferenceWithoutBias) {
  expect_matches_reference<Sequential<Conv2d<4, 3, 3, 1, 1, Bias::no>>, Shape<4, 5, 6>>(
      {conv2d(3, 3, 1, 1, false)});
}

TEST(Conv2d, MatchesReferenceInAChain) {
  using Net = Sequential<Conv2d<1, 9, 4, 2, 1>, Tanh, Conv2d<infer, 17, 3, 1, 1>, Sigmoid, Flatten,
                         Linear<infer, 5>>;
  expect_matches_reference<Net, Shape<1, 10, 8>>(
      {conv2d(9, 4, 2, 1), reference::layer::tanh(), conv2d(17, 3, 1, 1),
       reference::layer::sigmoid(), reference::layer::flatten(), reference::layer::linear(5)},
      {.images = 7});
}

TEST(Conv2d, NaNComesThrough) {
  support::expect_nan_spreads<Sequential<Conv2d<3, 5, 3, 1, 1>>, Shape<3, 7, 9>>();
}

}  // namespace conv2d_test
