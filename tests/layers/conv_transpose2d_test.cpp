// SPDX-License-Identifier: MIT
// ConvTranspose2d against the double-precision reference, forward and backward, on pretty and awkward
// sizes.

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/model_check.hpp"

namespace conv_transpose2d_test {

using namespace lamina;
using reference::layer::conv_transpose2d;
using support::expect_matches_reference;

static_assert(Output<Sequential<ConvTranspose2d<3, 4, 5, 3, 2, 2>>, Shape<3, 4, 3>>::value ==
              Shape<4, 12, 9>::value);

TEST(ConvTranspose2d, MatchesReferenceStride1) {
  expect_matches_reference<Sequential<ConvTranspose2d<3, 5, 3>>, Shape<3, 5, 4>>(
      {conv_transpose2d(5, 3)});
}

TEST(ConvTranspose2d, MatchesReferenceStride2) {
  using Net = Sequential<ConvTranspose2d<16, 8, 4, 2, 1>>;
  for (const int images : {1, 3, 16}) {
    expect_matches_reference<Net, Shape<16, 7, 7>>({conv_transpose2d(8, 4, 2, 1)},
                                                   {.images = images});
  }
}

TEST(ConvTranspose2d, MatchesReferenceOneChannelOut) {
  expect_matches_reference<Sequential<ConvTranspose2d<32, 1, 4, 2, 1>>, Shape<32, 14, 14>>(
      {conv_transpose2d(1, 4, 2, 1)}, {.images = 2});
}

TEST(ConvTranspose2d, MatchesReferenceOneChannelIn) {
  expect_matches_reference<Sequential<ConvTranspose2d<1, 17, 4, 2, 1>>, Shape<1, 5, 3>>(
      {conv_transpose2d(17, 4, 2, 1)});
}

TEST(ConvTranspose2d, MatchesReferenceOddChannels) {
  using Net = Sequential<ConvTranspose2d<33, 17, 3, 2, 1>>;
  for (const int images : {1, 3}) {
    expect_matches_reference<Net, Shape<33, 5, 4>>({conv_transpose2d(17, 3, 2, 1)},
                                                   {.images = images});
  }
}

TEST(ConvTranspose2d, MatchesReferenceOutputPadding) {
  expect_matches_reference<Sequential<ConvTranspose2d<2, 3, 3, 2, 1, 1>>, Shape<2, 5, 7>>(
      {conv_transpose2d(3, 3, 2, 1, 1)});
  expect_matches_reference<Sequential<ConvTranspose2d<3, 4, 5, 3, 2, 2>>, Shape<3, 4, 3>>(
      {conv_transpose2d(4, 5, 3, 2, 2)}, {.images = 1});
}

TEST(ConvTranspose2d, MatchesReferenceStrideBeyondKernel) {
  // Between the windows nothing is added: those pixels are the bias.
  expect_matches_reference<Sequential<ConvTranspose2d<2, 5, 2, 3>>, Shape<2, 3, 4>>(
      {conv_transpose2d(5, 2, 3)});
  expect_matches_reference<Sequential<ConvTranspose2d<2, 17, 2, 4, 1, 3>>, Shape<2, 3, 2>>(
      {conv_transpose2d(17, 2, 4, 1, 3)});
}

TEST(ConvTranspose2d, MatchesReferenceFromOnePixel) {
  expect_matches_reference<Sequential<ConvTranspose2d<16, 9, 7>>, Shape<16, 1, 1>>(
      {conv_transpose2d(9, 7)});
}

TEST(ConvTranspose2d, MatchesReferencePaddingCutsMostAway) {
  expect_matches_reference<Sequential<ConvTranspose2d<3, 2, 3, 1, 2>>, Shape<3, 4, 3>>(
      {conv_transpose2d(2, 3, 1, 2)});
}

TEST(ConvTranspose2d, MatchesReferenceWithoutBias) {
  expect_matches_reference<Sequential<ConvTranspose2d<4, 2, 4, 2, 1, 0, Bias::no>>, Shape<4, 3, 5>>(
      {conv_transpose2d(2, 4, 2, 1, 0, false)});
}

TEST(ConvTranspose2d, MatchesReferenceInAChain) {
  using Net = Sequential<Linear<6, 20>, Unflatten<5, 2, 2>, ConvTranspose2d<5, 9, 3, 2>, Tanh,
                         ConvTranspose2d<infer, 1, 4, 2, 1>, Tanh>;
  expect_matches_reference<Net, Shape<6>>(
      {reference::layer::linear(20), reference::layer::unflatten(5, 2, 2),
       conv_transpose2d(9, 3, 2), reference::layer::tanh(), conv_transpose2d(1, 4, 2, 1),
       reference::layer::tanh()},
      {.images = 5});
}

TEST(ConvTranspose2d, NaNComesThrough) {
  support::expect_nan_spreads<Sequential<ConvTranspose2d<3, 5, 3, 2>>, Shape<3, 4, 5>>();
}

}  // namespace conv_transpose2d_test
