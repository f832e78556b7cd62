// SPDX-License-Identifier: MIT
// Parameters and buffers by name: PyTorch's names, order and shapes, whatever the packed layout is.

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "model/networks.hpp"
#include "support/error_text.hpp"
#include "support/model_check.hpp"

namespace named_tensor_test {

using namespace lamina;
using reference::Values;

TEST(NamedTensor, NamesShapesAndOrderAreTorchs) {
  // [(n, tuple(p.shape)) for n, p in module.named_parameters()] of the same nn.Sequential.
  const std::vector<std::pair<std::string, std::vector<std::size_t>>> expected{
      {"0.0.weight", {17, 2, 3, 3}}, {"0.0.bias", {17}}, {"0.1.weight", {17}}, {"0.1.bias", {17}},
      {"0.4.weight", {12, 340}},     {"0.4.bias", {12}}, {"0.5.weight", {12}}, {"0.5.bias", {12}},
      {"1.1.weight", {3, 5, 4, 4}},  {"1.1.bias", {5}}};
  support::ConvModel model{Seed{1}};
  const auto tensors = model.named_parameters();
  ASSERT_EQ(tensors.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(tensors[i].name(), expected[i].first);
    EXPECT_EQ(tensors[i].shape(), expected[i].second) << tensors[i].name();
  }
}

TEST(NamedTensor, BuffersAndCountersAreTorchs) {
  // [n for n, b in module.named_buffers()], counters apart.
  support::ConvModel model{Seed{1}};
  std::vector<std::string> names;
  for (const auto& tensor : model.named_buffers())
    names.push_back(tensor.name());
  EXPECT_EQ(names, (std::vector<std::string>{"0.1.running_mean", "0.1.running_var",
                                             "0.5.running_mean", "0.5.running_var"}));
  const auto state = model.state();
  EXPECT_EQ(state.tensors.size(), 14U);
  ASSERT_EQ(state.counters.size(), 2U);
  EXPECT_EQ(state.counters[0].name, "0.1.num_batches_tracked");
  EXPECT_EQ(state.counters[1].name, "0.5.num_batches_tracked");
}

TEST(NamedTensor, NamesOfOneLevelAndOfASingleLayer) {
  Model<Sequential<ReLU, Linear<3, 2>>, Shape<3>> flat{Seed{1}};
  EXPECT_EQ(flat.named_parameters()[0].name(), "1.weight");
  Model<Linear<3, 2>, Shape<3>> single{Seed{1}};
  EXPECT_EQ(single.named_parameters()[0].name(), "weight");
}

/// Element (i, j, ...) of `array` must be the value that `write` got at the same place.
void expect_round_trip(NamedTensor<Cpu> tensor, const std::string& what) {
  SCOPED_TRACE(what + " " + tensor.name());
  xt::xarray<float> values = tensor.array();
  for (std::size_t i = 0; i < values.size(); ++i)
    values.data()[i] = static_cast<float>(i + 1);
  tensor.assign(values);
  EXPECT_EQ(tensor.array(), values);
  std::vector<float> read(tensor.size());
  tensor.read(read);
  for (std::size_t i = 0; i < read.size(); ++i)
    ASSERT_EQ(read[i], static_cast<float>(i + 1));
  const xt::xarray<float> expected = 2.0F * values + 1.0F;
  tensor.assign(2.0F * values + 1.0F);
  EXPECT_EQ(tensor.array(), expected);
}

template <class L, class In>
void expect_round_trips(const std::string& what) {
  Model<Sequential<L>, In> model{Seed{1}};
  for (const auto& tensor : model.named_parameters())
    expect_round_trip(tensor, what);
  for (const auto& tensor : model.named_buffers())
    expect_round_trip(tensor, what);
  // Tensors lie apart: writing one leaves the others alone.
  auto tensors = model.named_parameters();
  for (std::size_t i = 0; i < tensors.size(); ++i)
    init::constant(tensors[i], static_cast<float>(i + 1));
  for (std::size_t i = 0; i < tensors.size(); ++i)
    for (const double value : support::values_of(tensors[i]))
      ASSERT_EQ(value, static_cast<double>(i + 1));
}

TEST(NamedTensor, ArrayAndAssignRoundTripEveryStorage) {
  // Constructed and never run, so that no kernel is compiled for these but the model's tables.
  expect_round_trips<Linear<33, 17>, Shape<33>>("linear");
  expect_round_trips<Linear<5, 1>, Shape<5>>("linear, one output");
  expect_round_trips<Conv2d<3, 33, 3>, Shape<3, 4, 4>>("conv");
  expect_round_trips<Conv2d<17, 2, 2>, Shape<17, 3, 3>>("conv, two outputs");
  expect_round_trips<ConvTranspose2d<17, 33, 2>, Shape<17, 2, 2>>("conv_transpose");
  expect_round_trips<ConvTranspose2d<9, 1, 3>, Shape<9, 2, 2>>("conv_transpose, one output");
  expect_round_trips<BatchNorm2d<17>, Shape<17, 2, 2>>("batch_norm");
}

TEST(NamedTensor, AssignedWeightsAreTheOnesThatRun) {
  support::FcModel model{Seed{1}};
  support::randomise(model, 1);
  reference::Network network({.c = 1, .h = 5, .w = 5}, support::fc_reference());
  support::copy_state(model, network);
  const Values x = support::random_values(3 * 25, 1);
  const auto input = support::batch_of<support::FcImage>(x);
  EXPECT_TRUE(support::near_relative("output", support::values_of(model.forward(input)),
                                     network.forward(x, 3), 1e-5));
  auto bias = model.parameter("1.0.bias");
  bias.assign(bias.array() + 1.0F);
  for (double& value : network.layers()[4].bias)
    value += 1.0;
  EXPECT_TRUE(support::near_relative("output", support::values_of(model.forward(input)),
                                     network.forward(x, 3), 1e-5));
}

TEST(NamedTensor, UnknownNameListsTheNames) {
  support::ConvModel model{Seed{1}};
  EXPECT_TRUE(support::says(
      support::error_text<std::invalid_argument>([&] { model.parameter("0.weight"); }),
      "'0.weight'", "0.0.weight, 0.0.bias, 0.1.weight", "1.1.bias"));
  EXPECT_TRUE(
      support::says(support::error_text<std::invalid_argument>([&] { model.buffer("0.1.weight"); }),
                    "'0.1.weight'", "0.1.running_mean, 0.1.running_var"));
}

TEST(NamedTensor, WrongShapeSaysSoAndChangesNothing) {
  support::ConvModel model{Seed{1}};
  auto weight = model.parameter("0.0.weight");
  const Values before = support::values_of(weight);
  const xt::xarray<float> transposed = xt::zeros<float>({2, 17, 3, 3});
  EXPECT_TRUE(
      support::says(support::error_text<std::invalid_argument>([&] { weight.assign(transposed); }),
                    "'0.0.weight'", "(17, 2, 3, 3)", "(2, 17, 3, 3)"));
  const xt::xarray<float> flat = xt::zeros<float>({306});
  EXPECT_TRUE(support::says(
      support::error_text<std::invalid_argument>([&] { weight.assign(flat); }), "(306)"));
  EXPECT_EQ(support::values_of(weight), before);
}

TEST(NamedTensor, WriteAndReadRefuseAnotherNumberOfValues) {
  support::ConvModel model{Seed{1}};
  auto weight = model.parameter("0.0.weight");
  const Values before = support::values_of(weight);
  std::vector<float> few(305);
  EXPECT_TRUE(support::says(support::error_text<std::invalid_argument>([&] { weight.write(few); }),
                            "'0.0.weight'", "306", "305"));
  EXPECT_THROW(weight.read(few), std::invalid_argument);
  EXPECT_EQ(support::values_of(weight), before);
}

TEST(NamedTensor, BuffersHaveNoGradient) {
  support::ConvModel model{Seed{1}};
  const auto buffer = model.buffer("0.1.running_mean");
  EXPECT_TRUE(support::says(support::error_text<std::invalid_argument>([&] { buffer.gradient(); }),
                            "no gradient"));
}

}  // namespace named_tensor_test
