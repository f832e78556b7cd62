// SPDX-License-Identifier: MIT
// Models whose products are of bfloat16: near those of float32 and not the same, with parameters that stay float32.

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/model_check.hpp"

namespace bfloat16_model_test {

using namespace lamina;

using Image = Shape<3, 9, 10>;
// Every kind of layer with weights, joins, and an odd number of channels; a condition.
using Net = Sequential<Conv2d<3, 20, 3, 1, 1>, BatchNorm2d<20>, LeakyReLU<0.2>,
                       Residual<Conv2d<20, 20, 1>, ReLU>, AddCondition<5, 20>,
                       Conv2d<20, 33, 4, 2, 1>, SiLU, ConvTranspose2d<33, 3, 4, 2, 1>, Flatten,
                       Linear<infer, 19>, Tanh, Linear<19, 3>>;
template <Precision P>
using ModelOf = Model<Net, Image, Cpu, P>;

static_assert(ModelOf<Precision::bfloat16>::precision == Precision::bfloat16);
static_assert(ModelOf<Precision::bfloat16>::memory_plan(64).workspace >
              ModelOf<Precision::float32>::memory_plan(64).workspace);

struct Trained {
  std::vector<double> losses;
  std::vector<float> output, gradients, parameters;
};

std::vector<float> copy_of(std::span<const float> values) {
  return {values.begin(), values.end()};
}

template <Precision P>
Trained train(int steps) {
  constexpr std::size_t images = 5;
  const auto batch = support::batch_of<Image>(support::random_values(images * Image::size, 3));
  const auto conditions = support::batch_of<Shape<5>>(support::random_values(images * 5, 4));
  const auto targets = support::batch_of<Shape<3>>(support::random_values(images * 3, 5));
  ModelOf<P> model{Seed{4}};
  Adam adam{model.parameters(), {.learning_rate = 1e-3F}};
  Trained result;
  for (int step = 0; step < steps; ++step) {
    const auto output = model.forward(batch, conditions);
    const auto [loss, gradient] = mse_loss(output, targets);
    model.zero_grad();
    model.backward(gradient, Gradients::parameters_and_input);
    result.losses.push_back(loss);
    result.output = copy_of(output.span());
    result.gradients = copy_of(model.parameters().gradients);
    adam.step();
  }
  result.parameters = copy_of(model.parameters().values);
  return result;
}

/// The length of the difference, beside that of `b`.
double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double difference = 0.0, length = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
    length += std::pow(static_cast<double>(b[i]), 2);
  }
  return std::sqrt(difference / length);
}

TEST(BFloat16Model, IsNearFloat32AndNotTheSame) {
  const Trained half = train<Precision::bfloat16>(1);
  const Trained full = train<Precision::float32>(1);
  // A bfloat16 is off by 2^-9 of itself at most.
  EXPECT_LT(distance(half.output, full.output), 0.02);
  EXPECT_GT(distance(half.output, full.output), 1e-5);
  EXPECT_LT(distance(half.gradients, full.gradients), 0.05);
  EXPECT_GT(distance(half.gradients, full.gradients), 1e-5);
}

TEST(BFloat16Model, LearnsAsFloat32Does) {
  const Trained half = train<Precision::bfloat16>(25);
  const Trained full = train<Precision::float32>(25);
  EXPECT_LT(full.losses.back(), 0.5 * full.losses.front());
  EXPECT_NEAR(half.losses.back(), full.losses.back(), 0.05 * full.losses.back());
}

TEST(BFloat16Model, ParametersAreNotRounded) {
  const Trained half = train<Precision::bfloat16>(1);
  std::size_t more_than_bfloat16 = 0;
  for (const float value : half.parameters)
    more_than_bfloat16 += value != to_float(to_bfloat16(value)) ? 1 : 0;
  EXPECT_GT(more_than_bfloat16, half.parameters.size() / 2);
}

}  // namespace bfloat16_model_test
