// SPDX-License-Identifier: MIT
#pragma once
// Every layer on a backend against the double-precision reference: output, statistics, all gradients, and that
// gradients of parameters add up. To be instantiated for each backend on a device.

#include <cstddef>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "device/backend_test.hpp"
#include "support/model_check.hpp"

namespace device_suite {

using namespace lamina;
namespace layer = reference::layer;
using reference::Values;
using support::expect_matches_reference;
using support::expect_nan_spreads;

template <class B>
class DeviceLayers : public BackendTest<B> {};
TYPED_TEST_SUITE_P(DeviceLayers);

TYPED_TEST_P(DeviceLayers, LinearMatchesReference) {
  using B = TypeParam;
  expect_matches_reference<Sequential<Linear<33, 17>>, Shape<33>, B>({layer::linear(17)},
                                                                     {.images = 5});
  expect_matches_reference<Sequential<Linear<7, 1, Bias::no>>, Shape<7>, B>(
      {layer::linear(1, false)}, {.images = 1});
}

TYPED_TEST_P(DeviceLayers, Conv2dMatchesReference) {
  using B = TypeParam;
  expect_matches_reference<Sequential<Conv2d<3, 17, 3, 1, 1>>, Shape<3, 7, 5>, B>(
      {layer::conv2d(17, 3, 1, 1)});
  expect_matches_reference<Sequential<Conv2d<2, 5, 4, 2, 1, Bias::no>>, Shape<2, 9, 8>, B>(
      {layer::conv2d(5, 4, 2, 1, false)});
  expect_matches_reference<Sequential<Conv2d<4, 3, 2, 3>>, Shape<4, 9, 7>, B>(
      {layer::conv2d(3, 2, 3)});
}

TYPED_TEST_P(DeviceLayers, Conv2dOfTheWholeImageIsAMatrixProduct) {
  using B = TypeParam;
  expect_matches_reference<Sequential<Conv2d<6, 4, 5>>, Shape<6, 5, 5>, B>({layer::conv2d(4, 5)});
  expect_matches_reference<Sequential<Conv2d<6, 1, 3, 2, 0, Bias::no>>, Shape<6, 3, 3>, B>(
      {layer::conv2d(1, 3, 2, 0, false)});
}

TYPED_TEST_P(DeviceLayers, ConvTranspose2dMatchesReference) {
  using B = TypeParam;
  expect_matches_reference<Sequential<ConvTranspose2d<5, 3, 4, 2, 1>>, Shape<5, 4, 3>, B>(
      {layer::conv_transpose2d(3, 4, 2, 1)});
  expect_matches_reference<Sequential<ConvTranspose2d<3, 6, 3, 2, 1, 1, Bias::no>>, Shape<3, 5, 4>,
                           B>({layer::conv_transpose2d(6, 3, 2, 1, 1, false)});
  expect_matches_reference<Sequential<ConvTranspose2d<2, 4, 2, 3, 0, 2>>, Shape<2, 3, 3>, B>(
      {layer::conv_transpose2d(4, 2, 3, 0, 2)});
}

TYPED_TEST_P(DeviceLayers, ConvTranspose2dOfOnePixelIsAMatrixProduct) {
  using B = TypeParam;
  expect_matches_reference<Sequential<ConvTranspose2d<7, 6, 4>>, Shape<7, 1, 1>, B>(
      {layer::conv_transpose2d(6, 4)});
}

TYPED_TEST_P(DeviceLayers, BatchNormMatchesReference) {
  using B = TypeParam;
  for (const bool training : {true, false}) {
    expect_matches_reference<Sequential<BatchNorm2d<5>>, Shape<5, 7, 9>, B>(
        {layer::batch_norm()}, {.images = 4, .training = training});
    expect_matches_reference<Sequential<BatchNorm1d<33>>, Shape<33>, B>(
        {layer::batch_norm()}, {.images = 6, .training = training});
  }
  // Many rows, so that sums are cut into parts.
  expect_matches_reference<Sequential<BatchNorm2d<2>>, Shape<2, 13, 11>, B>({layer::batch_norm()},
                                                                            {.images = 67});
}

TYPED_TEST_P(DeviceLayers, GroupNormMatchesReference) {
  using B = TypeParam;
  expect_matches_reference<Sequential<GroupNorm<4, 12>>, Shape<12, 5, 3>, B>(
      {layer::group_norm(4)});
  expect_matches_reference<Sequential<GroupNorm<1, 6>>, Shape<6, 5, 7>, B>({layer::group_norm(1)});
  expect_matches_reference<Sequential<GroupNorm<6, 6>>, Shape<6, 13, 11>, B>({layer::group_norm(6)},
                                                                             {.images = 9});
}

TYPED_TEST_P(DeviceLayers, ActivationsMatchReference) {
  using B = TypeParam;
  using S = Shape<3, 5, 7>;
  const support::PassSettings away{.gap = 0.05};
  expect_matches_reference<Sequential<ReLU>, S, B>({layer::relu()}, away);
  expect_matches_reference<Sequential<LeakyReLU<0.2>>, S, B>({layer::leaky_relu(0.2)}, away);
  expect_matches_reference<Sequential<Sigmoid>, S, B>({layer::sigmoid()});
  expect_matches_reference<Sequential<Tanh>, S, B>({layer::tanh()});
  expect_matches_reference<Sequential<SiLU>, S, B>({layer::silu()});
}

TYPED_TEST_P(DeviceLayers, PoolsMatchReference) {
  using B = TypeParam;
  expect_matches_reference<Sequential<MaxPool2d<2>>, Shape<5, 8, 6>, B>({layer::max_pool2d(2, 2)});
  expect_matches_reference<Sequential<MaxPool2d<3, 2, 1>>, Shape<3, 7, 9>, B>(
      {layer::max_pool2d(3, 2, 1)});
  expect_matches_reference<Sequential<MaxPool2d<2, 3>>, Shape<2, 9, 8>, B>(
      {layer::max_pool2d(2, 3)});
  expect_matches_reference<Sequential<AvgPool2d<3, 1, 1>>, Shape<4, 6, 5>, B>(
      {layer::avg_pool2d(3, 1, 1)});
  expect_matches_reference<Sequential<AvgPool2d<2, 3>>, Shape<2, 9, 8>, B>(
      {layer::avg_pool2d(2, 3)});
  expect_matches_reference<Sequential<Upsample<3>>, Shape<2, 3, 4>, B>({layer::upsample(3)});
}

TYPED_TEST_P(DeviceLayers, ReshapesAndJoinsMatchReference) {
  using B = TypeParam;
  expect_matches_reference<Sequential<Flatten, Linear<30, 12>, Unflatten<3, 2, 2>, Tanh>,
                           Shape<5, 2, 3>, B>(
      {layer::flatten(), layer::linear(12), layer::unflatten(3, 2, 2), layer::tanh()});
  expect_matches_reference<Sequential<Residual<Conv2d<3, 3, 3, 1, 1>, Tanh>>, Shape<3, 4, 5>, B>(
      {layer::residual({layer::conv2d(3, 3, 1, 1), layer::tanh()})});
  using Skip = Concat<Identity, Sequential<Conv2d<3, 4, 3, 1, 1>, Tanh>>;
  expect_matches_reference<Sequential<Skip, Conv2d<7, 2, 1>>, Shape<3, 4, 5>, B>(
      {layer::concat({{}, {layer::conv2d(4, 3, 1, 1), layer::tanh()}}), layer::conv2d(2, 1)});
}

TYPED_TEST_P(DeviceLayers, AddConditionMatchesReference) {
  using B = TypeParam;
  expect_matches_reference<Sequential<AddCondition<5, 7>>, Shape<7, 3, 4>, B>(
      {layer::add_condition(5)});
}

/// What one image's NaN reaches, and that of a gradient.
TYPED_TEST_P(DeviceLayers, NaNIsNotLost) {
  using B = TypeParam;
  expect_nan_spreads<Sequential<ReLU, Conv2d<2, 3, 3, 1, 1>>, Shape<2, 4, 4>, B>();
  expect_nan_spreads<Sequential<Conv2d<2, 3, 3, 1, 1>, LeakyReLU<0.1>, BatchNorm2d<3>>,
                     Shape<2, 4, 4>, B>();
  expect_nan_spreads<Sequential<Linear<6, 4>, GroupNorm<2, 4>>, Shape<6>, B>();
  expect_nan_spreads<Sequential<MaxPool2d<2>, Conv2d<2, 2, 1>>, Shape<2, 4, 4>, B>();
}

REGISTER_TYPED_TEST_SUITE_P(DeviceLayers, LinearMatchesReference, Conv2dMatchesReference,
                            Conv2dOfTheWholeImageIsAMatrixProduct, ConvTranspose2dMatchesReference,
                            ConvTranspose2dOfOnePixelIsAMatrixProduct, BatchNormMatchesReference,
                            GroupNormMatchesReference, ActivationsMatchReference,
                            PoolsMatchReference, ReshapesAndJoinsMatchReference,
                            AddConditionMatchesReference, NaNIsNotLost);

}  // namespace device_suite
