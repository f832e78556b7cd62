// SPDX-License-Identifier: MIT
// Both autoencoders against PyTorch in float64 from the same weights and batches: all of the first
// step, and the losses of fifty.

#include <cmath>
#include <cstddef>
#include <string>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "parity/autoencoders.hpp"
#include "support/compare.hpp"
#include "support/fixture.hpp"
#include "support/model_check.hpp"
#include "support/parity.hpp"

namespace {

using namespace lamina;
using parity::Image;
using support::Values;

template <class Kind>
class AutoencoderParity : public ::testing::Test {
 protected:
  Tensor<Image> images(std::size_t step) const {
    const auto batch = batches_.batch(step);
    return support::batch_of<Image>({batch.begin(), batch.end()});
  }

  /// Within `tolerance` of the fixture's first step.
  void expect_step1(const std::string& key, const Values& got, double tolerance = 1e-5) const {
    EXPECT_TRUE(support::matches(fixture_.summary("step1." + key), got, tolerance));
  }

  /// The losses of fifty steps, each before its update.
  template <class Model, class Optimiser>
  Values train(Model& model, Optimiser optimiser) const {
    Values losses;
    for (std::size_t step = 0; step < 50; ++step) {
      const Tensor<Image> batch = images(step);
      const auto [loss, gradient] = mse_loss(model.forward(batch), batch);
      losses.push_back(loss);
      model.zero_grad();
      model.backward(gradient);
      optimiser.step();
    }
    return losses;
  }

  support::Fixture fixture_{std::string(Kind::name) + "_parity.safetensors"};
  support::ParityBatches batches_{fixture_};
};

struct Names {
  template <class Kind>
  static std::string GetName(int) {
    return Kind::name;
  }
};
using Kinds = ::testing::Types<parity::FullyConnected, parity::Convolutional>;
TYPED_TEST_SUITE(AutoencoderParity, Kinds, Names);

TYPED_TEST(AutoencoderParity, FirstStepMatchesTorchFloat64) {
  auto model = parity::initial_model<TypeParam>();
  const Tensor<Image> images = this->images(0);
  const auto output = model.forward(images);
  const auto [loss, gradient] = mse_loss(output, images);
  EXPECT_NEAR(loss / this->fixture_.value("step1.loss"), 1.0, 1e-6);
  this->expect_step1("output", support::values_of(output));
  model.zero_grad();
  model.backward(gradient, Gradients::parameters_and_input);
  this->expect_step1("input_gradient", support::values_of(model.input_gradient()));
  for (const auto& tensor : model.named_parameters())
    this->expect_step1("gradient." + tensor.name(), support::gradient_of(tensor));
  for (const auto& tensor : model.named_buffers())
    this->expect_step1("buffer." + tensor.name(), support::values_of(tensor));

  model.eval();
  this->expect_step1("eval_output", support::values_of(model.forward(images)));
  model.train();
  const auto latent = model.template forward_part<0>(images);
  this->expect_step1("latent", support::values_of(latent));
  const Tensor<Shape<128>> code(latent);
  this->expect_step1("output", support::values_of(model.template forward_part<1>(code)));
}

TYPED_TEST(AutoencoderParity, FiftyAdamLossesMatchTorchFloat64) {
  auto model = parity::initial_model<TypeParam>();
  const Values losses = this->train(model, Adam(model.parameters(), {.learning_rate = 1e-3F}));
  const Values expected = this->fixture_.values("adam.losses");
  // Adam moves parameters by the sign of gradients that are only rounding (cnn: the biases before a
  // batch normalisation), which puts PyTorch's own float32 6e-4 of a loss from its float64 (2.1e-5
  // absolute): from the sixth step on the losses of cnn are compared absolutely.
  const std::size_t relative = TypeParam::name == parity::FullyConnected::name ? 50 : 5;
  for (std::size_t i = 0; i < losses.size(); ++i)
    EXPECT_NEAR(losses[i], expected.at(i), 1e-4 * (i < relative ? expected.at(i) : 1.0)) << i;
}

TYPED_TEST(AutoencoderParity, FiftySgdStepsMatchTorchFloat64) {
  auto model = parity::initial_model<TypeParam>();
  const Values losses = this->train(
      model, SGD(model.parameters(), {.learning_rate = TypeParam::sgd_rate, .momentum = 0.9F}));
  EXPECT_TRUE(
      support::near_elementwise("losses", losses, this->fixture_.values("sgd.losses"), 1e-4, 0.0));
  for (const auto& tensor : model.named_parameters())
    EXPECT_TRUE(support::matches(this->fixture_.summary("sgd.parameter." + tensor.name()),
                                 support::values_of(tensor), 1e-2));
  for (const auto& tensor : model.named_buffers())
    EXPECT_TRUE(support::matches(this->fixture_.summary("sgd.buffer." + tensor.name()),
                                 support::values_of(tensor), 1e-2));
}

}  // namespace
