// SPDX-License-Identifier: MIT
// Both autoencoders, whole, in the reference against PyTorch in float64: the first step's output
// and gradients, and the losses of the first training steps. Slow, because the loops are plain.

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "reference/losses.hpp"
#include "reference/network.hpp"
#include "reference/optim.hpp"
#include "support/compare.hpp"
#include "support/fixture.hpp"
#include "support/parity.hpp"

namespace network_parity_slow_test {

using namespace reference;

// Two double-precision sums of up to 100,000 terms in different orders, through twelve layers.
constexpr double tolerance = 1e-9;

/// An autoencoder as PyTorch nests it: layer i of the encoder is "0.i", of the decoder "1.i".
struct Autoencoder {
  std::string name;
  std::size_t encoder_layers;
  double sgd_rate;
  std::vector<Layer> layers;

  std::string layer_name(std::size_t i) const {
    return i < encoder_layers ? "0." + std::to_string(i)
                              : "1." + std::to_string(i - encoder_layers);
  }
};

Autoencoder fc() {
  using namespace layer;
  return {"fc",
          6,
          3.0,
          {flatten(), linear(512), relu(), linear(256), relu(), linear(128), linear(256), relu(),
           linear(512), relu(), linear(784), sigmoid(), unflatten(1, 28, 28)}};
}

Autoencoder cnn() {
  using namespace layer;
  return {"cnn",
          8,
          0.1,
          {conv2d(32, 4, 2, 1), batch_norm(), relu(), conv2d(64, 4, 2, 1), batch_norm(), relu(),
           conv2d(128, 7), flatten(), unflatten(128, 1, 1), conv_transpose2d(64, 7), batch_norm(),
           relu(), conv_transpose2d(32, 4, 2, 1), batch_norm(), relu(),
           conv_transpose2d(1, 4, 2, 1), sigmoid()}};
}

class NetworkParity : public ::testing::TestWithParam<Autoencoder> {
 protected:
  /// A network with the fixture's weights.
  Network initial() const {
    const support::Fixture weights(GetParam().name + "_weights.safetensors");
    Network net({.c = 1, .h = 28, .w = 28}, GetParam().layers);
    for (std::size_t i = 0; i < net.layers().size(); ++i) {
      Layer& l = net.layers()[i];
      const std::string name = GetParam().layer_name(i);
      if (!l.weight.empty()) l.weight = weights.values(name + ".weight");
      if (!l.bias.empty()) l.bias = weights.values(name + ".bias");
    }
    return net;
  }

  Values images(std::size_t step) const {
    const std::vector<float> batch = batches_.batch(step);
    return {batch.begin(), batch.end()};
  }

  /// One training step; returns the loss before the update.
  template <class Optimiser>
  double step(Network& net, std::vector<Optimiser>& optimisers, std::size_t number) const {
    const Values x = images(number);
    const Loss loss = mse_loss(net.forward(x, 128), x);
    net.backward(loss.gradient);
    const auto parameters = net.parameters();
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      optimisers[i].step(*parameters[i].value, *parameters[i].gradient);
    }
    return loss.value;
  }

  template <class Optimiser>
  void expect_losses(const std::string& run, const Optimiser& optimiser) const {
    Network net = initial();
    std::vector<Optimiser> optimisers(net.parameters().size(), optimiser);
    Values losses;
    for (std::size_t i = 0; i < 3; ++i)
      losses.push_back(step(net, optimisers, i));
    Values expected = fixture_.values(run + ".losses");
    expected.resize(losses.size());
    EXPECT_TRUE(support::near_elementwise(run + ".losses", losses, expected, tolerance, 0.0));
  }

  support::Fixture fixture_{GetParam().name + "_parity.safetensors"};
  support::ParityBatches batches_{fixture_};
};

TEST_P(NetworkParity, FirstStepMatchesTorchFloat64) {
  Network net = initial();
  const Values x = images(0);
  const Values output = net.forward(x, 128);
  const Loss loss = mse_loss(output, x);
  const Values input_gradient = net.backward(loss.gradient);
  const auto expect = [&](const std::string& key, const Values& got) {
    EXPECT_TRUE(support::matches(fixture_.summary("step1." + key), got, tolerance));
  };
  EXPECT_TRUE(
      support::near_relative("loss", Values{loss.value}, fixture_.values("step1.loss"), tolerance));
  expect("output", output);
  expect("latent", net.layers()[GetParam().encoder_layers].input);
  expect("input_gradient", input_gradient);
  for (std::size_t i = 0; i < net.layers().size(); ++i) {
    const Layer& l = net.layers()[i];
    const std::string name = GetParam().layer_name(i);
    if (!l.weight.empty()) expect("gradient." + name + ".weight", l.gradients.weight);
    if (!l.bias.empty()) expect("gradient." + name + ".bias", l.gradients.bias);
    if (!l.running.mean.empty()) {
      expect("buffer." + name + ".running_mean", l.running.mean);
      expect("buffer." + name + ".running_var", l.running.variance);
    }
  }
  expect("eval_output", net.forward(x, 128, false));
}

TEST_P(NetworkParity, FirstAdamLossesMatchTorchFloat64) {
  expect_losses("adam", Adam({.learning_rate = 1e-3}));
}

TEST_P(NetworkParity, FirstSgdLossesMatchTorchFloat64) {
  expect_losses("sgd", Sgd({.learning_rate = GetParam().sgd_rate, .momentum = 0.9}));
}

INSTANTIATE_TEST_SUITE_P(Autoencoders, NetworkParity, ::testing::Values(fc(), cnn()),
                         [](const auto& test) { return test.param.name; });

}  // namespace network_parity_slow_test
