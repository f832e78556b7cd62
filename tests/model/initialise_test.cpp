// SPDX-License-Identifier: MIT
// How parameters start: PyTorch's bounds and moments, init's rules, and that the seed alone decides.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/error_text.hpp"
#include "support/model_check.hpp"

namespace initialise_test {

using namespace lamina;
using reference::Values;

// Large enough for statistics; never run, so that little is compiled for it.
using Net = Sequential<Conv2d<32, 48, 4, 2, 1>, BatchNorm2d<48>, ConvTranspose2d<48, 32, 4, 2, 1>,
                       Flatten, Linear<2048, 100>>;
using M = Model<Net, Shape<32, 8, 8>>;

struct Moments {
  double mean, deviation, largest;
};

Moments moments(const Values& values) {
  double sum = 0.0, squares = 0.0;
  for (const double value : values) {
    sum += value;
    squares += value * value;
  }
  const auto n = static_cast<double>(values.size());
  return {sum / n, std::sqrt(squares / n - sum / n * sum / n), support::max_abs(values)};
}

/// A mean within four standard errors of 0 and this standard deviation to 2 % (24,576 values and more).
void expect_deviation(const NamedTensor<Cpu>& tensor, double deviation) {
  const Moments m = moments(support::values_of(tensor));
  const double error = deviation / std::sqrt(static_cast<double>(tensor.size()));
  EXPECT_NEAR(m.mean, 0.0, 4 * error) << tensor.name();
  EXPECT_NEAR(m.deviation, deviation, 0.02 * deviation) << tensor.name();
}

/// Uniform in [-bound, bound]: the bound is kept and nearly reached, the deviation is bound / sqrt(3).
void expect_uniform(const NamedTensor<Cpu>& tensor, double bound) {
  const double largest = support::max_abs(support::values_of(tensor));
  EXPECT_LE(largest, bound * (1 + 1e-6)) << tensor.name();
  if (tensor.size() < 1000) {
    EXPECT_GT(largest, 0.7 * bound) << tensor.name();
    return;
  }
  EXPECT_GT(largest, 0.999 * bound) << tensor.name();
  expect_deviation(tensor, bound / std::sqrt(3.0));
}

TEST(Initialise, DefaultsAreTorchs) {
  // Bounds 1 / sqrt(fan_in), for biases too; fan_in of a transposed convolution is out * k * k.
  M model{Seed{1}};
  const double conv = 1 / std::sqrt(32.0 * 16), transposed = 1 / std::sqrt(32.0 * 16);
  const double linear = 1 / std::sqrt(2048.0);
  expect_uniform(model.parameter("0.weight"), conv);
  expect_uniform(model.parameter("0.bias"), conv);
  expect_uniform(model.parameter("2.weight"), transposed);
  expect_uniform(model.parameter("2.bias"), transposed);
  expect_uniform(model.parameter("4.weight"), linear);
  expect_uniform(model.parameter("4.bias"), linear);
  EXPECT_EQ(support::values_of(model.parameter("1.weight")), Values(48, 1.0));
  EXPECT_EQ(support::values_of(model.parameter("1.bias")), Values(48, 0.0));
  EXPECT_EQ(support::values_of(model.buffer("1.running_mean")), Values(48, 0.0));
  EXPECT_EQ(support::values_of(model.buffer("1.running_var")), Values(48, 1.0));
}

TEST(Initialise, FanInOfATransposedConvolutionIsOfItsOutputs) {
  Model<Sequential<ConvTranspose2d<128, 64, 7>>, Shape<128, 1, 1>> model{Seed{1}};
  expect_uniform(model.parameter("0.weight"), 1 / std::sqrt(64.0 * 49));
}

TEST(Initialise, DependsOnTheSeedOnly) {
  M one{Seed{7}}, same{Seed{7}}, other{Seed{8}};
  for (const char* name : {"0.weight", "0.bias", "2.weight", "4.weight"}) {
    EXPECT_EQ(support::values_of(one.parameter(name)), support::values_of(same.parameter(name)));
    EXPECT_NE(support::values_of(one.parameter(name)), support::values_of(other.parameter(name)));
  }
}

TEST(Initialise, TensorsDrawDifferently) {
  Model<Sequential<Linear<64, 64>, Linear<64, 64>>, Shape<64>> model{Seed{1}};
  EXPECT_NE(support::values_of(model.parameter("0.weight")),
            support::values_of(model.parameter("1.weight")));
}

TEST(Initialise, NormalAndUniformHaveTheirMoments) {
  M model{Seed{1}};
  init::normal(model.parameter("0.weight"), 0.0F, 0.02F, Seed{3});
  expect_deviation(model.parameter("0.weight"), 0.02);
  init::normal(model.parameter("4.weight"), 0.5F, 0.1F, Seed{3});
  EXPECT_NEAR(moments(support::values_of(model.parameter("4.weight"))).mean, 0.5, 0.001);
  init::uniform(model.parameter("2.weight"), 0.25F, Seed{3});
  expect_uniform(model.parameter("2.weight"), 0.25);
  init::constant(model.parameter("0.bias"), 0.125F);
  EXPECT_EQ(support::values_of(model.parameter("0.bias")), Values(48, 0.125));
}

TEST(Initialise, XavierAndKaimingHaveTheirMoments) {
  // torch.nn.init counts fan_in = shape[1] * k * k and fan_out = shape[0] * k * k.
  M model{Seed{1}};
  const double in = 32.0 * 16, out = 48.0 * 16;
  const auto weight = model.parameter("0.weight");
  init::xavier_uniform(weight, Seed{3});
  expect_uniform(weight, std::sqrt(6 / (in + out)));
  init::xavier_normal(weight, Seed{3}, 2.0F);
  expect_deviation(weight, 2 * std::sqrt(2 / (in + out)));
  init::kaiming_uniform(weight, Seed{3});
  expect_uniform(weight, std::sqrt(6 / in));
  init::kaiming_normal(weight, Seed{3});
  expect_deviation(weight, std::sqrt(2 / in));
  init::kaiming_normal(weight, Seed{3}, init::leaky_relu_gain(0.2F));
  expect_deviation(weight, std::sqrt(2 / (1.04 * in)));
  const auto fans = init::fans(model.parameter("2.weight"));  // (48, 32, 4, 4)
  EXPECT_EQ(fans.in, 512.0F);
  EXPECT_EQ(fans.out, 768.0F);
}

TEST(Initialise, VectorsHaveNoFans) {
  M model{Seed{1}};
  EXPECT_TRUE(support::says(support::error_text<std::invalid_argument>(
                                [&] { init::xavier_uniform(model.parameter("0.bias"), Seed{1}); }),
                            "'0.bias'", "at least two dimensions"));
}

TEST(Initialise, DrawsFollowPyTorchsOrderWhateverThePackedLayout) {
  // Value i in PyTorch's order is draw i: a file or another backend sees the same weights.
  M model{Seed{9}};
  const auto weight = model.parameter("2.weight");
  const Values values = support::values_of(weight);
  const Philox philox(Seed{9}, Stream::initialisation, weight.number());
  const float bound = 1.0F / std::sqrt(512.0F);
  for (const std::size_t i : {0U, 1U, 17U, 12345U})
    EXPECT_EQ(static_cast<float>(values[i]), bound * (2.0F * uniform(philox.word(0, i)) - 1.0F));
}

}  // namespace initialise_test
