// SPDX-License-Identifier: MIT
// The first training step of both autoencoders against PyTorch in float64, from the same weights and
// batch: loss, output, latent, every gradient, running statistics, and the output in evaluation.

#include <string>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "parity/autoencoders.hpp"
#include "support/model_check.hpp"

namespace autoencoder_parity_slow_test {

using namespace lamina;
using parity::AutoencoderParity;
using parity::Image;

TYPED_TEST_SUITE(AutoencoderParity, parity::Kinds, parity::Names);

TYPED_TEST(AutoencoderParity, FirstStepMatchesTorchFloat64) {
  const auto expect = [&](const std::string& key, const support::Values& got) {
    this->expect_matches("step1." + key, got, 1e-5);
  };
  auto model = parity::initial_model<TypeParam>();
  const Tensor<Image> images = this->images(0);
  const auto output = model.forward(images);
  const auto [loss, gradient] = mse_loss(output, images);
  EXPECT_NEAR(loss / this->fixture_.value("step1.loss"), 1.0, 1e-6);
  expect("output", support::values_of(output));
  model.zero_grad();
  model.backward(gradient, Gradients::parameters_and_input);
  expect("input_gradient", support::values_of(model.input_gradient()));
  for (const auto& tensor : model.named_parameters())
    expect("gradient." + tensor.name(), support::gradient_of(tensor));
  for (const auto& tensor : model.named_buffers())
    expect("buffer." + tensor.name(), support::values_of(tensor));

  model.eval();
  expect("eval_output", support::values_of(model.forward(images)));
  model.train();
  const auto latent = model.template forward_part<0>(images);
  expect("latent", support::values_of(latent));
  const Tensor<Shape<128>> code(latent);
  expect("output", support::values_of(model.template forward_part<1>(code)));
}

}  // namespace autoencoder_parity_slow_test
