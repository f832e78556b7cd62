// SPDX-License-Identifier: MIT
// Upsample against the double-precision reference, forward and backward.

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/model_check.hpp"

namespace upsample_test {

using namespace lamina;
using reference::Values;
using reference::layer::upsample;
using support::expect_matches_reference;

TEST(Upsample, MatchesReference) {
  for (const int images : {1, 3}) {
    expect_matches_reference<Sequential<Upsample<2>>, Shape<16, 7, 7>>({upsample(2)},
                                                                       {.images = images});
  }
}

TEST(Upsample, MatchesReferenceOddSizes) {
  expect_matches_reference<Sequential<Upsample<3>>, Shape<17, 5, 3>>({upsample(3)});
  expect_matches_reference<Sequential<Upsample<2>>, Shape<33, 1, 4>>({upsample(2)});
}

TEST(Upsample, MatchesReferenceOneChannel) {
  expect_matches_reference<Sequential<Upsample<4>>, Shape<1, 3, 2>>({upsample(4)}, {.images = 1});
}

TEST(Upsample, ByOneIsTheIdentity) {
  expect_matches_reference<Sequential<Upsample<1>>, Shape<3, 5, 7>>({upsample(1)});
}

TEST(Upsample, MatchesReferenceInAChain) {
  using Net = Sequential<Conv2d<2, 9, 3, 2, 1>, SiLU, Upsample<2>, Conv2d<9, 3, 3, 1, 1>, Tanh>;
  using namespace reference::layer;
  expect_matches_reference<Net, Shape<2, 7, 5>>(
      {conv2d(9, 3, 2, 1), silu(), upsample(2), conv2d(3, 3, 1, 1), reference::layer::tanh()});
}

TEST(Upsample, RepeatsPixelsAsTorch) {
  // nn.Upsample(scale_factor=2)(torch.tensor([[[[1., 2.]]]]))
  Model<Sequential<Upsample<2>>, Shape<1, 1, 2>> model;
  const auto input = support::batch_of<Shape<1, 1, 2>>({1, 2});
  EXPECT_EQ(support::values_of(model.forward(input)), (Values{1, 1, 2, 2, 1, 1, 2, 2}));
}

TEST(Upsample, NaNComesThrough) {
  support::expect_nan_spreads<Sequential<Upsample<2>>, Shape<3, 5, 7>>();
}

}  // namespace upsample_test
