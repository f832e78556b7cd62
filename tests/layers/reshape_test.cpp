// SPDX-License-Identifier: MIT
// Flatten and Unflatten: PyTorch's order (C, H, W) in vectors, whatever lies in memory.

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/model_check.hpp"

namespace reshape_test {

using namespace lamina;
using reference::layer::flatten;
using reference::layer::unflatten;
using support::expect_matches_reference;

static_assert(Output<Sequential<Flatten>, Shape<3, 5, 7>>::value == Shape<105>::value);
static_assert(Output<Sequential<Unflatten<3, 5, 7>>, Shape<105>>::value == Shape<3, 5, 7>::value);

TEST(Flatten, MatchesReferenceWhereValuesMove) {
  for (const int images : {1, 3}) {
    expect_matches_reference<Sequential<Flatten>, Shape<3, 5, 7>>({flatten()}, {.images = images});
  }
  expect_matches_reference<Sequential<Flatten>, Shape<33, 2, 1>>({flatten()});
}

TEST(Flatten, MatchesReferenceOfTwoAndFourDimensions) {
  expect_matches_reference<Sequential<Flatten>, Shape<3, 5>>({flatten()});
  expect_matches_reference<Sequential<Flatten>, Shape<3, 2, 1, 4>>({flatten()});
}

TEST(Flatten, MatchesReferenceAsAView) {
  expect_matches_reference<Sequential<Flatten>, Shape<1, 5, 7>>({flatten()});
  expect_matches_reference<Sequential<Flatten>, Shape<17, 1, 1>>({flatten()});
}

TEST(Unflatten, MatchesReferenceWhereValuesMove) {
  for (const int images : {1, 3}) {
    expect_matches_reference<Sequential<Unflatten<3, 5, 7>>, Shape<105>>({unflatten(3, 5, 7)},
                                                                         {.images = images});
  }
}

TEST(Unflatten, MatchesReferenceAsAView) {
  expect_matches_reference<Sequential<Unflatten<1, 5, 7>>, Shape<35>>({unflatten(1, 5, 7)});
}

TEST(Flatten, KeepsPyTorchsOrder) {
  using S = Shape<2, 2, 3>;
  Model<Sequential<Flatten>, S> model{Seed{1}};
  // torch.arange(12).reshape(1, 2, 2, 3).flatten(1) is torch.arange(12)
  reference::Values values(12);
  for (std::size_t i = 0; i < 12; ++i)
    values[i] = static_cast<double>(i);
  const auto input = support::batch_of<S>(values);
  const auto y = model.forward(input);
  for (std::size_t i = 0; i < 12; ++i)
    EXPECT_EQ(y.data()[i], static_cast<float>(i));
}

TEST(Reshape, MatchesReferenceBetweenLayersThatWriteInPlace) {
  // Views share the memory of what they show: no activation may write over what backward reads.
  using Net = Sequential<Conv2d<1, 3, 3>, ReLU, Flatten, Sigmoid, Unflatten<1, 4, 6>, Tanh, Flatten,
                         LeakyReLU<0.5>, Unflatten<3, 2, 4>, Tanh>;
  using namespace reference::layer;
  expect_matches_reference<Net, Shape<1, 4, 6>>(
      {conv2d(3, 3), relu(), flatten(), sigmoid(), unflatten(1, 4, 6), reference::layer::tanh(),
       flatten(), leaky_relu(0.5), unflatten(3, 2, 4), reference::layer::tanh()});
}

TEST(Flatten, NaNComesThrough) {
  support::expect_nan_spreads<Sequential<Flatten>, Shape<3, 5, 7>>();
  support::expect_nan_spreads<Sequential<Unflatten<3, 5, 7>>, Shape<105>>();
}

}  // namespace reshape_test
