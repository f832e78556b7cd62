// SPDX-License-Identifier: MIT
// Linear against the double-precision reference, forward and backward.

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/model_check.hpp"

namespace linear_test {

using namespace lamina;
using reference::layer::linear;
using support::expect_matches_reference;

static_assert(Output<Sequential<Linear<13, 7>>, Shape<13>>::value == Shape<7>::value);

TEST(Linear, MatchesReferenceAwkwardSizes) {
  using Net = Sequential<Linear<17, 33>>;
  for (const int images : {1, 3, 16}) {
    expect_matches_reference<Net, Shape<17>>({linear(33)}, {.images = images});
  }
}

TEST(Linear, MatchesReferencePrettySizes) {
  expect_matches_reference<Sequential<Linear<64, 128>>, Shape<64>>({linear(128)}, {.images = 32});
}

TEST(Linear, MatchesReferenceOneFeature) {
  expect_matches_reference<Sequential<Linear<1, 1>>, Shape<1>>({linear(1)}, {.images = 1});
  expect_matches_reference<Sequential<Linear<1, 5>>, Shape<1>>({linear(5)}, {.images = 3});
  expect_matches_reference<Sequential<Linear<5, 1>>, Shape<5>>({linear(1)}, {.images = 3});
}

TEST(Linear, MatchesReferenceWithoutBias) {
  expect_matches_reference<Sequential<Linear<33, 17, Bias::no>>, Shape<33>>({linear(17, false)});
}

TEST(Linear, MatchesReferenceManyImages) {
  expect_matches_reference<Sequential<Linear<17, 33>>, Shape<17>>({linear(33)}, {.images = 259});
}

TEST(Linear, MatchesReferenceInAChain) {
  using Net = Sequential<Linear<13, 31>, Tanh, Linear<infer, 9>>;
  expect_matches_reference<Net, Shape<13>>({linear(31), reference::layer::tanh(), linear(9)},
                                           {.images = 5});
}

TEST(Linear, NaNComesThrough) {
  support::expect_nan_spreads<Sequential<Linear<17, 33>>, Shape<17>>();
}

}  // namespace linear_test
