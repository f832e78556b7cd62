// SPDX-License-Identifier: MIT
// A little U-Net with a condition against PyTorch in float64: output and all gradients
// (tests/fixtures/unet_cases.py has the same network as PyTorch's modules).

#include <cstddef>
#include <string>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "parity/layer_fixture.hpp"
#include "support/model_check.hpp"

namespace unet_parity_test {

using namespace lamina;
using parity::expect_near;
using parity::fixture;

/// One pass, forward and backward, from the case's parameters.
template <class Net, class In>
void expect_network(const std::string& name) {
  using M = Model<Net, In>;
  M model;
  for (auto& tensor : model.named_parameters()) {
    const std::string key = name + ".parameter." + tensor.name();
    ASSERT_TRUE(fixture().contains(key)) << key;
    ASSERT_EQ(tensor.shape(), fixture().shape(key)) << key;
    support::assign(tensor, fixture().values(key));
  }
  const auto input = support::batch_of<In>(fixture().values(name + ".input"));
  const auto condition =
      support::batch_of<typename M::condition_shape>(fixture().values(name + ".condition"));
  expect_near(name + ".output", support::values_of(model.forward(input, condition)));
  model.zero_grad();
  model.backward(
      support::batch_of<typename M::output_shape>(fixture().values(name + ".output_gradient")),
      Gradients::parameters_and_input);
  expect_near(name + ".input_gradient", support::values_of(model.input_gradient()));
  for (const auto& tensor : model.named_parameters())
    expect_near(name + ".gradient." + tensor.name(), support::gradient_of(tensor));
}

TEST(UnetParity, AddCondition) {
  expect_network<Sequential<AddCondition<4, 6>>, Shape<6, 5, 7>>("add_condition");
}

template <int Channels>
using Block = Residual<GroupNorm<2, Channels>, SiLU, AddCondition<5, Channels>,
                       Conv2d<Channels, Channels, 3, 1, 1>>;
using Deepest = Sequential<Conv2d<6, 8, 3, 2, 1>, Block<8>, Upsample<2>>;
using Deeper = Sequential<Conv2d<4, 6, 3, 2, 1>, Block<6>, Concat<Identity, Deepest>,
                          Conv2d<14, 6, 3, 1, 1>, SiLU, Upsample<2>>;
using Unet = Sequential<Conv2d<1, 4, 3, 1, 1>, Block<4>, Concat<Identity, Deeper>,
                        Conv2d<10, 4, 3, 1, 1>, GroupNorm<2, 4>, SiLU, Conv2d<4, 1, 3, 1, 1>>;

TEST(UnetParity, OutputAndAllGradients) {
  expect_network<Unet, Shape<1, 8, 12>>("unet");
}

}  // namespace unet_parity_test
