// SPDX-License-Identifier: MIT
// Layers, losses, optimisers, schedules and gradient clipping against PyTorch in float64, case by
// case of tests/fixtures/layers.safetensors.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "parity/layer_fixture.hpp"
#include "support/compare.hpp"
#include "support/model_check.hpp"

namespace layers_parity_test {

using namespace lamina;
using parity::expect_near;
using parity::fixture;
using parity::tolerance;
using support::Values;

/// One pass of a layer, forward and backward, from the case's parameters and running statistics.
template <class Layer, class In>
void expect_layer(const std::string& name) {
  SCOPED_TRACE(name);
  using M = Model<Sequential<Layer>, In>;
  M model;
  model.train(!name.ends_with("_eval"));
  const std::vector<std::string> parameters{"weight", "bias"};
  std::size_t present = 0;
  for (const std::string& parameter : parameters) {
    const std::string key = name + "." + parameter;
    if (!fixture().contains(key)) continue;
    ++present;
    ASSERT_EQ(model.parameter("0." + parameter).shape(), fixture().shape(key)) << key;
    support::assign(model.parameter("0." + parameter), fixture().values(key));
  }
  ASSERT_EQ(model.named_parameters().size(), present);
  for (auto& buffer : model.named_buffers())
    support::assign(buffer, fixture().values(name + buffer.name().substr(1)));

  const Tensor<In> input = support::batch_of<In>(fixture().values(name + ".input"));
  expect_near(name + ".output", support::values_of(model.forward(input)));
  for (const auto& buffer : model.named_buffers()) {
    const std::string key = name + buffer.name().substr(1);
    expect_near(model.training() ? key + "_after" : key, support::values_of(buffer));
  }
  model.zero_grad();
  model.backward(
      support::batch_of<typename M::output_shape>(fixture().values(name + ".output_gradient")),
      Gradients::parameters_and_input);
  expect_near(name + ".input_gradient", support::values_of(model.input_gradient()));
  for (const auto& tensor : model.named_parameters())
    expect_near(name + tensor.name().substr(1) + "_gradient", support::gradient_of(tensor));
}

TEST(LayersParity, Linear) {
  expect_layer<Linear<13, 7>, Shape<13>>("linear");
  expect_layer<Linear<1, 1>, Shape<1>>("linear_one");
  expect_layer<Linear<33, 17, Bias::no>, Shape<33>>("linear_no_bias");
}

TEST(LayersParity, Conv2d) {
  expect_layer<Conv2d<3, 5, 3>, Shape<3, 7, 9>>("conv2d");
  expect_layer<Conv2d<8, 16, 7>, Shape<8, 7, 7>>("conv2d_window");
  expect_layer<Conv2d<3, 6, 4, 2, 1>, Shape<3, 9, 11>>("conv2d_stride2_padding1");
  expect_layer<Conv2d<1, 32, 4, 2, 1>, Shape<1, 28, 28>>("conv2d_one_channel");
  expect_layer<Conv2d<2, 3, 5, 3, 2>, Shape<2, 11, 8>>("conv2d_stride3_padding2");
  expect_layer<Conv2d<4, 3, 3, 1, 1, Bias::no>, Shape<4, 5, 6>>("conv2d_no_bias");
}

TEST(LayersParity, ConvTranspose2d) {
  expect_layer<ConvTranspose2d<3, 5, 3>, Shape<3, 5, 4>>("conv_transpose2d");
  expect_layer<ConvTranspose2d<16, 8, 7>, Shape<16, 1, 1>>("conv_transpose2d_window");
  expect_layer<ConvTranspose2d<3, 5, 4, 2, 1>, Shape<3, 5, 6>>("conv_transpose2d_stride2_padding1");
  expect_layer<ConvTranspose2d<32, 1, 4, 2, 1>, Shape<32, 14, 14>>("conv_transpose2d_one_channel");
  expect_layer<ConvTranspose2d<2, 3, 3, 2, 1, 1>, Shape<2, 5, 7>>(
      "conv_transpose2d_output_padding");
  expect_layer<ConvTranspose2d<3, 4, 5, 3, 2, 2>, Shape<3, 4, 3>>(
      "conv_transpose2d_stride3_output_padding2");
  expect_layer<ConvTranspose2d<4, 2, 4, 2, 1, 0, Bias::no>, Shape<4, 3, 5>>(
      "conv_transpose2d_no_bias");
}

TEST(LayersParity, BatchNorm) {
  expect_layer<BatchNorm1d<7>, Shape<7>>("batch_norm1d_train");
  expect_layer<BatchNorm1d<7>, Shape<7>>("batch_norm1d_eval");
  expect_layer<BatchNorm2d<5>, Shape<5, 4, 7>>("batch_norm2d_train");
  expect_layer<BatchNorm2d<5>, Shape<5, 3, 7>>("batch_norm2d_eval");
  expect_layer<BatchNorm2d<3>, Shape<3, 6, 5>>("batch_norm2d_offset_train");
}

TEST(LayersParity, Activations) {
  using Image = Shape<2, 3, 5>;
  expect_layer<ReLU, Image>("relu");
  expect_layer<LeakyReLU<0.2>, Image>("leaky_relu");
  expect_layer<Sigmoid, Image>("sigmoid");
  expect_layer<Tanh, Image>("tanh");
  expect_layer<SiLU, Image>("silu");
}

TEST(LayersParity, Pools) {
  expect_layer<MaxPool2d<2>, Shape<3, 7, 5>>("max_pool2d");
  expect_layer<MaxPool2d<3, 2, 1>, Shape<5, 9, 8>>("max_pool2d_overlapping");
  expect_layer<MaxPool2d<3, 1, 1>, Shape<2, 6, 7>>("max_pool2d_ties");
  expect_layer<AvgPool2d<2>, Shape<3, 7, 5>>("avg_pool2d");
  expect_layer<AvgPool2d<3, 2, 1>, Shape<5, 9, 8>>("avg_pool2d_overlapping");
}

TEST(LayersParity, GroupNorm) {
  expect_layer<GroupNorm<3, 6>, Shape<6, 5, 7>>("group_norm");
  expect_layer<GroupNorm<2, 8>, Shape<8>>("group_norm_vectors");
  expect_layer<GroupNorm<2, 4>, Shape<4, 6, 5>>("group_norm_offset");
}

TEST(LayersParity, Upsample) {
  expect_layer<Upsample<2>, Shape<3, 4, 5>>("upsample");
  expect_layer<Upsample<3>, Shape<17, 2, 3>>("upsample_by_three");
}

template <class Function>
void expect_loss(const std::string& name, Function function) {
  using Image = Shape<1, 5, 7>;
  const Tensor<Image> prediction = support::batch_of<Image>(fixture().values(name + ".prediction"));
  const Tensor<Image> target = support::batch_of<Image>(fixture().values(name + ".target"));
  for (const Reduction reduction : {Reduction::mean, Reduction::sum}) {
    const std::string key = name + (reduction == Reduction::mean ? ".mean" : ".sum");
    const auto loss = function(prediction, target, reduction);
    expect_near(key, {loss.value});
    Tensor<Image> gradient(prediction.size());
    loss.gradient.write_to(gradient.data());
    // Element by element, as they are up to 1e12 where a logarithm is clamped. Of a logit it is
    // sigmoid(x) - t, which cancels: what is small is relative to a tenth of one term.
    const double floor = 0.1 * (reduction == Reduction::mean ? 1.0 / (3.0 * Image::size) : 1.0);
    EXPECT_TRUE(support::near_elementwise(key + "_gradient", support::values_of(gradient),
                                          fixture().values(key + "_gradient"), tolerance, floor));
  }
}

TEST(LayersParity, Losses) {
  const auto cross_entropy = [](const auto&... batches) {
    return binary_cross_entropy(batches...);
  };
  expect_loss("mse_loss", [](const auto&... batches) { return mse_loss(batches...); });
  expect_loss("binary_cross_entropy", cross_entropy);
  expect_loss("binary_cross_entropy_clamped", cross_entropy);
  expect_loss("binary_cross_entropy_with_logits",
              [](const auto&... batches) { return binary_cross_entropy_with_logits(batches...); });
}

TEST(LayersParity, CrossEntropy) {
  for (const std::string name : {"cross_entropy", "cross_entropy_far"}) {
    const Tensor<Shape<10>> logits =
        support::batch_of<Shape<10>>(fixture().values(name + ".logits"));
    std::vector<std::uint8_t> labels;
    for (const double label : fixture().values(name + ".labels"))
      labels.push_back(static_cast<std::uint8_t>(label));
    for (const Reduction reduction : {Reduction::mean, Reduction::sum}) {
      const std::string key = name + (reduction == Reduction::mean ? ".mean" : ".sum");
      const auto loss = cross_entropy(logits, labels, reduction);
      expect_near(key, {loss.value});
      Tensor<Shape<10>> gradient(logits.size());
      loss.gradient.write_to(gradient.data());
      expect_near(key + "_gradient", support::values_of(gradient));
    }
    EXPECT_NEAR(accuracy(logits, labels), fixture().value(name + ".accuracy"), 1e-12);
  }
}

/// Twelve steps of an optimiser on 37 bare values: whole vectors and the rest of one.
template <template <class> class Optimiser, class Options>
void expect_trajectory(const std::string& name, Options options) {
  Tensor<Shape<37>> values = support::batch_of<Shape<37>>(fixture().values(name + ".initial"));
  const Tensor<Shape<37>> gradients =
      support::batch_of<Shape<37>>(fixture().values(name + ".gradients"));
  Tensor<Shape<37>> gradient(1);
  Optimiser<Cpu> optimiser({values.span(), gradient.span(), {}}, options);
  Values trajectory;
  for (std::size_t step = 0; step < gradients.size(); ++step) {
    std::ranges::copy(gradients.images(step, 1).span(), gradient.data());
    optimiser.step();
    trajectory.insert(trajectory.end(), values.span().begin(), values.span().end());
  }
  expect_near(name + ".parameters", trajectory);
}

TEST(LayersParity, Optimisers) {
  expect_trajectory<SGD>("optim_sgd", SGDOptions{.learning_rate = 0.1F});
  expect_trajectory<SGD>("optim_sgd_momentum", SGDOptions{.learning_rate = 0.1F, .momentum = 0.9F});
  expect_trajectory<SGD>("optim_sgd_nesterov",
                         SGDOptions{.learning_rate = 0.1F, .momentum = 0.9F, .nesterov = true});
  expect_trajectory<SGD>(
      "optim_sgd_weight_decay",
      SGDOptions{.learning_rate = 0.1F, .momentum = 0.9F, .weight_decay = 0.01F});
  expect_trajectory<SGD>(
      "optim_sgd_all",
      SGDOptions{
          .learning_rate = 0.05F, .momentum = 0.8F, .weight_decay = 0.02F, .nesterov = true});
  expect_trajectory<Adam>("optim_adam", AdamOptions{});
  expect_trajectory<Adam>("optim_adam_betas", AdamOptions{.learning_rate = 2e-4F, .beta1 = 0.5F});
  expect_trajectory<Adam>("optim_adam_weight_decay",
                          AdamOptions{.learning_rate = 1e-2F, .weight_decay = 0.1F});
  expect_trajectory<AdamW>("optim_adamw",
                           AdamWOptions{.learning_rate = 1e-2F, .weight_decay = 0.1F});
  expect_trajectory<AdamW>("optim_adamw_default", AdamWOptions{});
}

template <class Schedule>
void expect_schedule(const std::string& name, Schedule schedule) {
  const std::string key = name + ".rates";
  const Values expected = fixture().values(key);
  Values rates;
  for (std::size_t epoch = 0; epoch < expected.size(); ++epoch)
    rates.push_back(static_cast<double>(schedule(static_cast<std::int64_t>(epoch))));
  // Relative to each rate, the last of a cosine (zero) to a thousandth of the first.
  EXPECT_TRUE(support::near_elementwise(key, rates, expected, tolerance, 1e-6));
}

TEST(LayersParity, Schedules) {
  expect_schedule("schedule_step", StepLR{.base = 0.1F, .step_size = 3, .gamma = 0.5F});
  expect_schedule("schedule_cosine", CosineAnnealingLR{.base = 1e-3F, .period = 10});
  expect_schedule("schedule_cosine_floor",
                  CosineAnnealingLR{.base = 1e-3F, .period = 7, .least = 1e-5F});
}

TEST(LayersParity, ClipGradNorm) {
  const auto both = [](const std::string& key) {
    Values all = fixture().values(key + "0");
    const Values second = fixture().values(key + "1");
    all.insert(all.end(), second.begin(), second.end());
    return all;
  };
  for (const std::string name : {"clip_above", "clip_below"}) {
    Tensor<Shape<23>> gradients = support::batch_of<Shape<23>>(both(name + ".gradient"));
    const Parameters<Cpu> parameters{{}, gradients.span(), {}};
    expect_near(name + ".norm", {clip_grad_norm(parameters, fixture().value(name + ".max_norm"))});
    EXPECT_TRUE(support::near_relative(name + ".clipped", support::values_of(gradients),
                                       both(name + ".clipped"), tolerance));
  }
}

}  // namespace layers_parity_test
