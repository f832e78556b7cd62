// SPDX-License-Identifier: MIT
// BatchNorm1d and BatchNorm2d against the double-precision reference, training and evaluation.

#include "reference/batch_norm.hpp"

#include <cmath>
#include <cstddef>
#include <stdexcept>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/error_text.hpp"
#include "support/model_check.hpp"

namespace batch_norm_test {

using namespace lamina;
using reference::Values;
using reference::layer::batch_norm;
using support::expect_matches_reference;

TEST(BatchNorm2d, MatchesReferenceInTraining) {
  expect_matches_reference<Sequential<BatchNorm2d<16>>, Shape<16, 6, 6>>({batch_norm()},
                                                                         {.images = 4});
}

TEST(BatchNorm2d, MatchesReferenceInTrainingOddChannels) {
  for (const int images : {1, 3}) {
    expect_matches_reference<Sequential<BatchNorm2d<17>>, Shape<17, 5, 3>>({batch_norm()},
                                                                           {.images = images});
  }
  expect_matches_reference<Sequential<BatchNorm2d<33>>, Shape<33, 3, 1>>({batch_norm()});
}

TEST(BatchNorm2d, MatchesReferenceInTrainingOneChannel) {
  expect_matches_reference<Sequential<BatchNorm2d<1>>, Shape<1, 7, 9>>({batch_norm()},
                                                                       {.images = 1});
}

TEST(BatchNorm2d, MatchesReferenceInTrainingManyRows) {
  expect_matches_reference<Sequential<BatchNorm2d<5>>, Shape<5, 13, 11>>({batch_norm()},
                                                                         {.images = 67});
}

TEST(BatchNorm2d, MatchesReferenceInEvaluation) {
  for (const int images : {1, 3}) {
    expect_matches_reference<Sequential<BatchNorm2d<17>>, Shape<17, 5, 3>>(
        {batch_norm()}, {.images = images, .training = false});
  }
}

TEST(BatchNorm1d, MatchesReferenceInTraining) {
  expect_matches_reference<Sequential<BatchNorm1d<17>>, Shape<17>>({batch_norm()}, {.images = 5});
  expect_matches_reference<Sequential<BatchNorm1d<32>>, Shape<32>>({batch_norm()}, {.images = 64});
}

TEST(BatchNorm1d, MatchesReferenceInEvaluationOneImage) {
  expect_matches_reference<Sequential<BatchNorm1d<17>>, Shape<17>>(
      {batch_norm()}, {.images = 1, .training = false});
}

TEST(BatchNorm2d, MatchesReferenceBehindAConvolution) {
  using Net = Sequential<Conv2d<3, 9, 3, 1, 1>, BatchNorm2d<infer>, Tanh>;
  // The gradient of the convolution's bias is zero: BatchNorm takes the bias out again. Its rounding
  // error is compared on the scale of the largest gradient by the layer below.
  Model<Net, Shape<3, 5, 6>> model{Seed{1}};
  support::randomise(model, 1);
  reference::Network network({.c = 3, .h = 5, .w = 6}, {reference::layer::conv2d(9, 3, 1, 1),
                                                        batch_norm(), reference::layer::tanh()});
  support::copy_state(model, network);
  const Values x = support::random_values(4 * 90, 1);
  const Values y = network.forward(x, 4);
  const Values dy = support::random_values(y.size(), 2);
  const Values dx = network.backward(dy);
  const auto input = support::batch_of<Shape<3, 5, 6>>(x);
  EXPECT_TRUE(support::near_relative("output", support::values_of(model.forward(input)), y, 1e-5));
  model.zero_grad();
  model.backward(support::batch_of<Shape<9, 5, 6>>(dy), Gradients::parameters_and_input);
  EXPECT_TRUE(support::near_relative("input gradient", support::values_of(model.input_gradient()),
                                     dx, 1e-5));
  const double scale = support::max_abs(network.layers()[0].gradients.weight);
  const auto tensors = model.named_parameters();
  const auto parameters = network.parameters();
  for (std::size_t i = 0; i < tensors.size(); ++i)
    EXPECT_TRUE(support::near_scaled(tensors[i].name(), support::gradient_of(tensors[i]),
                                     *parameters[i].gradient, 1e-5, scale));
}

TEST(BatchNorm2d, KeepsItsDigitsFarFromZero) {
  // Values of 1000 +- 1: a one-pass variance of floats has no digit left. What remains is the
  // rounding of the values themselves, 1000 * 2^-24 = 6e-5, beside a standard deviation of 0.6.
  using S = Shape<5, 9, 7>;
  Model<Sequential<BatchNorm2d<5>>, S> model{Seed{1}};
  Values x = support::random_values(3 * S::size, 1);
  for (double& value : x)
    value = static_cast<float>(value + 1000.0);
  const reference::BatchNorm sizes{3, 5, 9, 7};
  reference::Moments running{Values(5, 0.0), Values(5, 1.0)};
  const Values y = reference::batch_norm_train(sizes, running, x, Values(5, 1.0), Values(5, 0.0));
  const auto input = support::batch_of<S>(x);
  EXPECT_TRUE(support::near_relative("output", support::values_of(model.forward(input)), y, 2e-4));
  EXPECT_TRUE(support::near_relative(
      "running_mean", support::values_of(model.buffer("0.running_mean")), running.mean, 1e-6));
  EXPECT_TRUE(support::near_relative(
      "running_var", support::values_of(model.buffer("0.running_var")), running.variance, 1e-6));
}

TEST(BatchNorm2d, StaysFiniteOnConstantChannels) {
  using S = Shape<3, 4, 4>;
  Model<Sequential<BatchNorm2d<3>>, S> model{Seed{1}};
  Tensor<S> x(2);
  for (float& value : x.span())
    value = 0.3F;
  const Values y = support::values_of(model.forward(x));
  EXPECT_LT(support::max_abs(y), 1e-4);  // 0.3's rounding over sqrt(epsilon)
  model.zero_grad();
  model.backward(x, Gradients::parameters_and_input);
  EXPECT_TRUE(std::isfinite(support::max_abs(support::values_of(model.input_gradient()))));
}

struct OtherConstants {
  static constexpr double epsilon = 0.25;
  static constexpr double momentum = 0.5;
};

TEST(BatchNorm1d, TakesOtherConstants) {
  using S = Shape<3>;
  Model<Sequential<BatchNorm1d<3, OtherConstants>>, S> model{Seed{1}};
  const Values x = support::random_values(7 * 3, 1);
  const auto input = support::batch_of<S>(x);
  const reference::BatchNorm sizes{7, 3, 1, 1};
  const reference::Moments moments = reference::batch_moments(sizes, x);
  Values y(x.size()), mean(3), variance(3);
  for (std::size_t i = 0; i < x.size(); ++i)
    y[i] = (x[i] - moments.mean[i % 3]) / std::sqrt(moments.variance[i % 3] + 0.25);
  for (std::size_t c = 0; c < 3; ++c) {
    mean[c] = 0.5 * moments.mean[c];
    variance[c] = 0.5 + 0.5 * moments.variance[c] * 7.0 / 6.0;
  }
  EXPECT_TRUE(support::near_relative("output", support::values_of(model.forward(input)), y, 1e-5));
  EXPECT_TRUE(support::near_relative(
      "running_mean", support::values_of(model.buffer("0.running_mean")), mean, 1e-5));
  EXPECT_TRUE(support::near_relative(
      "running_var", support::values_of(model.buffer("0.running_var")), variance, 1e-5));
}

TEST(BatchNorm1d, RunningStatisticsFollowManyBatches) {
  using S = Shape<17>;
  Model<Sequential<BatchNorm1d<17>>, S> model{Seed{1}};
  reference::Network network({.c = 17}, {batch_norm()});
  for (std::uint32_t step = 0; step < 20; ++step) {
    const Values x = support::random_values(6 * 17, step);
    network.forward(x, 6);
    model.forward(support::batch_of<S>(x));
  }
  const reference::Moments& running = network.layers()[0].running;
  EXPECT_TRUE(support::near_relative(
      "running_mean", support::values_of(model.buffer("0.running_mean")), running.mean, 1e-5));
  EXPECT_TRUE(support::near_relative(
      "running_var", support::values_of(model.buffer("0.running_var")), running.variance, 1e-5));
  ASSERT_EQ(model.state().counters.size(), 1U);
  EXPECT_EQ(*model.state().counters[0].value, 20);
}

TEST(BatchNorm1d, RefusesASingleValueInTraining) {
  using S = Shape<4>;
  Model<Sequential<BatchNorm1d<4>, ReLU>, S> model{Seed{1}};
  const Tensor<S> one(1);
  const auto before = support::values_of(model.buffer("0.running_var"));
  const std::string text = support::error_text<std::invalid_argument>([&] { model.forward(one); });
  EXPECT_TRUE(support::says(text, "layer 0", "more than one value per channel", "eval()"));
  EXPECT_EQ(support::values_of(model.buffer("0.running_var")), before);
  EXPECT_EQ(*model.state().counters[0].value, 0);
  EXPECT_EQ(model.training_passes(), 0);
  model.eval();
  EXPECT_EQ(model.forward(one).size(), 1U);
}

TEST(BatchNorm2d, NaNComesThrough) {
  support::expect_nan_spreads<Sequential<BatchNorm2d<17>>, Shape<17, 5, 3>>();
}

}  // namespace batch_norm_test
