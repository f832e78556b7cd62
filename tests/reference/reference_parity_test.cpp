// SPDX-License-Identifier: MIT
// The reference against PyTorch in float64 (tests/fixtures), so that agreeing with one is agreeing
// with the other: every layer, loss and optimiser case.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "reference/activations.hpp"
#include "reference/batch_norm.hpp"
#include "reference/conv2d.hpp"
#include "reference/conv_transpose2d.hpp"
#include "reference/group_norm.hpp"
#include "reference/linear.hpp"
#include "reference/losses.hpp"
#include "reference/network.hpp"
#include "reference/optim.hpp"
#include "reference/pool2d.hpp"
#include "reference/values.hpp"
#include "support/compare.hpp"
#include "support/fixture.hpp"

namespace reference_parity_test {

using namespace reference;

// Both sides are double precision and add up to some thousands of terms in different orders.
constexpr double tolerance = 1e-12;

const support::Fixture& fixture() {
  static const support::Fixture file("layers.safetensors");
  return file;
}

Values load(const std::string& key) {
  return fixture().values(key);
}
Values load_if_present(const std::string& key) {
  return fixture().contains(key) ? load(key) : Values{};
}

void expect_case(const std::string& name, const Values& output, const Gradients& g) {
  const auto expect = [&](const char* what, const Values& got) {
    const std::string key = name + "." + what;
    EXPECT_TRUE(support::near_relative(key, got, load(key), tolerance, fixture().shape(key)));
  };
  expect("output", output);
  expect("input_gradient", g.input);
  if (fixture().contains(name + ".weight")) expect("weight_gradient", g.weight);
  if (fixture().contains(name + ".bias")) expect("bias_gradient", g.bias);
}

/// The extents of a (N, C) or (N, C, H, W) tensor.
Extents4 extents(const std::string& key) {
  std::vector<std::size_t> d = fixture().shape(key);
  d.resize(4, 1);
  return {static_cast<int>(d[0]), static_cast<int>(d[1]), static_cast<int>(d[2]),
          static_cast<int>(d[3])};
}

TEST(ReferenceParity, Linear) {
  for (const std::string name : {"linear", "linear_one", "linear_no_bias"}) {
    const Extents4 x = extents(name + ".input"), w = extents(name + ".weight");
    const Linear s{x.n, x.c, w.n};
    const Values in = load(name + ".input"), weight = load(name + ".weight");
    expect_case(name, linear(s, in, weight, load_if_present(name + ".bias")),
                linear_backward(s, in, weight, load(name + ".output_gradient")));
  }
}

TEST(ReferenceParity, Conv2d) {
  struct Case {
    std::string name;
    int stride, padding;
  };
  for (const Case& c : {Case{"conv2d", 1, 0}, Case{"conv2d_stride2_padding1", 2, 1},
                        Case{"conv2d_stride3_padding2", 3, 2}, Case{"conv2d_no_bias", 1, 1},
                        Case{"conv2d_one_channel", 2, 1}, Case{"conv2d_window", 1, 0}}) {
    const Extents4 x = extents(c.name + ".input"), w = extents(c.name + ".weight");
    const Conv2d s{x.n, x.c, x.h, x.w, w.n, w.h, c.stride, c.padding};
    const Values in = load(c.name + ".input"), weight = load(c.name + ".weight");
    expect_case(c.name, conv2d(s, in, weight, load_if_present(c.name + ".bias")),
                conv2d_backward(s, in, weight, load(c.name + ".output_gradient")));
  }
}

TEST(ReferenceParity, ConvTranspose2d) {
  struct Case {
    std::string name;
    int stride, padding, output_padding;
  };
  for (const Case& c :
       {Case{"conv_transpose2d", 1, 0, 0}, Case{"conv_transpose2d_stride2_padding1", 2, 1, 0},
        Case{"conv_transpose2d_output_padding", 2, 1, 1},
        Case{"conv_transpose2d_stride3_output_padding2", 3, 2, 2},
        Case{"conv_transpose2d_no_bias", 2, 1, 0}, Case{"conv_transpose2d_one_channel", 2, 1, 0},
        Case{"conv_transpose2d_window", 1, 0, 0}}) {
    const Extents4 x = extents(c.name + ".input"), w = extents(c.name + ".weight");
    const ConvTranspose2d s{x.n, x.c, x.h, x.w, w.c, w.h, c.stride, c.padding, c.output_padding};
    const Values in = load(c.name + ".input"), weight = load(c.name + ".weight");
    expect_case(c.name, conv_transpose2d(s, in, weight, load_if_present(c.name + ".bias")),
                conv_transpose2d_backward(s, in, weight, load(c.name + ".output_gradient")));
  }
}

TEST(ReferenceParity, BatchNorm) {
  for (const std::string name :
       {"batch_norm1d_train", "batch_norm2d_train", "batch_norm2d_offset_train",
        "batch_norm1d_eval", "batch_norm2d_eval"}) {
    const Extents4 x = extents(name + ".input");
    const BatchNorm s{x.n, x.c, x.h, x.w};
    const Values in = load(name + ".input"), weight = load(name + ".weight");
    const Values bias = load(name + ".bias"), dy = load(name + ".output_gradient");
    Moments running{load(name + ".running_mean"), load(name + ".running_var")};
    if (name.ends_with("_eval")) {
      expect_case(name, batch_norm_eval(s, running, in, weight, bias),
                  batch_norm_eval_backward(s, running, in, weight, dy));
      continue;
    }
    expect_case(name, batch_norm_train(s, running, in, weight, bias),
                batch_norm_train_backward(s, in, weight, dy));
    EXPECT_TRUE(support::near_relative(name + ".running_mean_after", running.mean,
                                       load(name + ".running_mean_after"), tolerance));
    EXPECT_TRUE(support::near_relative(name + ".running_var_after", running.variance,
                                       load(name + ".running_var_after"), tolerance));
  }
}

TEST(ReferenceParity, Activations) {
  const auto expect = [](const std::string& name, auto forward, auto backward) {
    const Values x = load(name + ".input");
    expect_case(name, forward(x), {backward(x, load(name + ".output_gradient")), {}, {}});
  };
  expect("relu", relu, relu_backward);
  expect("sigmoid", sigmoid, sigmoid_backward);
  expect("tanh", reference::tanh, tanh_backward);
  expect("silu", silu, silu_backward);
  expect(
      "leaky_relu", [](const Values& x) { return leaky_relu(x, 0.2); },
      [](const Values& x, const Values& dy) { return leaky_relu_backward(x, dy, 0.2); });
}

TEST(ReferenceParity, GroupNorm) {
  for (const auto& [name, groups] : {std::pair<std::string, int>{"group_norm", 3},
                                     {"group_norm_vectors", 2},
                                     {"group_norm_offset", 2}}) {
    const Extents4 x = extents(name + ".input");
    const GroupNorm s{x.n, x.c, x.h, x.w, groups};
    const Values in = load(name + ".input"), weight = load(name + ".weight");
    expect_case(name, group_norm(s, in, weight, load(name + ".bias")),
                group_norm_backward(s, in, weight, load(name + ".output_gradient")));
  }
}

TEST(ReferenceParity, Pools) {
  struct Case {
    std::string name;
    int kernel, stride, padding;
  };
  for (const Case& c : {Case{"max_pool2d", 2, 2, 0}, Case{"max_pool2d_overlapping", 3, 2, 1},
                        Case{"max_pool2d_ties", 3, 1, 1}, Case{"avg_pool2d", 2, 2, 0},
                        Case{"avg_pool2d_overlapping", 3, 2, 1}}) {
    const Extents4 x = extents(c.name + ".input");
    const Pool2d s{x.n, x.c, x.h, x.w, c.kernel, c.stride, c.padding};
    const Values in = load(c.name + ".input"), dy = load(c.name + ".output_gradient");
    if (c.name.starts_with("max"))
      expect_case(c.name, max_pool2d(s, in), {max_pool2d_backward(s, in, dy), {}, {}});
    else
      expect_case(c.name, avg_pool2d(s, in), {avg_pool2d_backward(s, dy), {}, {}});
  }
}

TEST(ReferenceParity, Upsample) {
  for (const auto& [name, scale] :
       {std::pair<std::string, int>{"upsample", 2}, {"upsample_by_three", 3}}) {
    const Extents4 y = extents(name + ".output");
    const Pool2d s{y.n, y.c, y.h, y.w, scale, scale, 0};
    expect_case(name, upsample(s, load(name + ".input")),
                {upsample_backward(s, load(name + ".output_gradient")), {}, {}});
  }
}

/// A network with a condition, from the case's parameters in their order.
void expect_network(const std::string& name, std::vector<Layer> layers,
                    const std::vector<std::string>& parameters) {
  const Extents4 x = extents(name + ".input");
  Network net(x, std::move(layers));
  net.set_condition(load(name + ".condition"));
  const auto own = net.parameters();
  ASSERT_EQ(own.size(), parameters.size());
  for (std::size_t i = 0; i < own.size(); ++i) {
    *own[i].value = load(name + ".parameter." + parameters[i]);
  }
  const auto expect = [&](const std::string& key, const Values& got) {
    EXPECT_TRUE(support::near_relative(key, got, load(key), tolerance));
  };
  expect(name + ".output", net.forward(load(name + ".input"), x.n));
  expect(name + ".input_gradient", net.backward(load(name + ".output_gradient")));
  for (std::size_t i = 0; i < own.size(); ++i)
    expect(name + ".gradient." + parameters[i], *own[i].gradient);
}

/// "weight" and "bias" of each of these layers.
std::vector<std::string> with_both(const std::vector<std::string>& paths) {
  std::vector<std::string> names;
  for (const std::string& path : paths) {
    names.push_back(path + ".weight");
    names.push_back(path + ".bias");
  }
  return names;
}

TEST(ReferenceParity, NetworksWithBranches) {
  using namespace layer;
  expect_network("add_condition", {add_condition(4)}, {"0.weight", "0.bias"});
  const auto block = [](int channels) {
    return residual({group_norm(2), silu(), add_condition(5), conv2d(channels, 3, 1, 1)});
  };
  const std::vector<Layer> deepest{conv2d(8, 3, 2, 1), block(8), upsample(2)};
  const std::vector<Layer> deeper{conv2d(6, 3, 2, 1), block(6), concat({{}, deepest}),
                                  conv2d(6, 3, 1, 1), silu(),   upsample(2)};
  expect_network(
      "unet",
      {conv2d(4, 3, 1, 1), block(4), concat({{}, deeper}), conv2d(4, 3, 1, 1), group_norm(2),
       silu(), conv2d(1, 3, 1, 1)},
      with_both({"0", "1.0", "1.2", "1.3", "2.1.0", "2.1.1.0", "2.1.1.2", "2.1.1.3", "2.1.2.1.0",
                 "2.1.2.1.1.0", "2.1.2.1.1.2", "2.1.2.1.1.3", "2.1.3", "3", "4", "6"}));
}

TEST(ReferenceParity, CrossEntropy) {
  for (const std::string name : {"cross_entropy", "cross_entropy_far"}) {
    std::vector<std::uint8_t> labels;
    for (const double label : load(name + ".labels"))
      labels.push_back(static_cast<std::uint8_t>(label));
    for (const Reduction r : {Reduction::mean, Reduction::sum}) {
      const std::string key = name + (r == Reduction::mean ? ".mean" : ".sum");
      const Loss loss = cross_entropy(load(name + ".logits"), labels, r);
      EXPECT_TRUE(support::near_relative(key, Values{loss.value}, load(key), tolerance));
      EXPECT_TRUE(support::near_relative(key + "_gradient", loss.gradient, load(key + "_gradient"),
                                         tolerance));
    }
  }
}

TEST(ReferenceParity, Losses) {
  const auto expect = [](const std::string& name, auto loss_function) {
    const Values prediction = load(name + ".prediction"), target = load(name + ".target");
    for (const Reduction r : {Reduction::mean, Reduction::sum}) {
      const std::string key = name + (r == Reduction::mean ? ".mean" : ".sum");
      const Loss loss = loss_function(prediction, target, r);
      EXPECT_TRUE(support::near_relative(key, Values{loss.value}, load(key), tolerance));
      EXPECT_TRUE(support::near_elementwise(key + "_gradient", loss.gradient,
                                            load(key + "_gradient"), tolerance, 1e-3));
    }
  };
  expect("mse_loss", mse_loss);
  expect("binary_cross_entropy", binary_cross_entropy);
  expect("binary_cross_entropy_clamped", binary_cross_entropy);
  expect("binary_cross_entropy_with_logits", binary_cross_entropy_with_logits);
}

template <class Optimiser>
void expect_trajectory(const std::string& name, Optimiser optimiser) {
  Values parameter = load(name + ".initial"), trajectory;
  const Values gradients = load(name + ".gradients");
  const auto size = static_cast<std::ptrdiff_t>(parameter.size());
  for (auto row = gradients.begin(); row != gradients.end(); row += size) {
    optimiser.step(parameter, Values(row, row + size));
    trajectory.insert(trajectory.end(), parameter.begin(), parameter.end());
  }
  const std::string key = name + ".parameters";
  EXPECT_TRUE(support::near_relative(key, trajectory, load(key), tolerance, fixture().shape(key)));
}

TEST(ReferenceParity, Optimisers) {
  expect_trajectory("optim_sgd", Sgd({.learning_rate = 0.1}));
  expect_trajectory("optim_sgd_momentum", Sgd({.learning_rate = 0.1, .momentum = 0.9}));
  expect_trajectory("optim_sgd_nesterov",
                    Sgd({.learning_rate = 0.1, .momentum = 0.9, .nesterov = true}));
  expect_trajectory("optim_sgd_weight_decay",
                    Sgd({.learning_rate = 0.1, .momentum = 0.9, .weight_decay = 0.01}));
  expect_trajectory(
      "optim_sgd_all",
      Sgd({.learning_rate = 0.05, .momentum = 0.8, .weight_decay = 0.02, .nesterov = true}));
  expect_trajectory("optim_adam", Adam({.learning_rate = 1e-3}));
  expect_trajectory("optim_adam_betas", Adam({.learning_rate = 2e-4, .beta1 = 0.5}));
  expect_trajectory("optim_adam_weight_decay", Adam({.learning_rate = 1e-2, .weight_decay = 0.1}));
  expect_trajectory("optim_adamw",
                    Adam({.learning_rate = 1e-2, .weight_decay = 0.1, .decoupled = true}));
  expect_trajectory("optim_adamw_default",
                    Adam({.learning_rate = 1e-3, .weight_decay = 0.01, .decoupled = true}));
}

TEST(ReferenceParity, ClipGradNorm) {
  for (const std::string name : {"clip_above", "clip_below"}) {
    Values all = load(name + ".gradient0"), expected = load(name + ".clipped0");
    const Values second = load(name + ".gradient1"), clipped = load(name + ".clipped1");
    all.insert(all.end(), second.begin(), second.end());
    expected.insert(expected.end(), clipped.begin(), clipped.end());
    const double norm = clip_grad_norm(all, fixture().value(name + ".max_norm"));
    EXPECT_TRUE(
        support::near_relative(name + ".norm", Values{norm}, load(name + ".norm"), tolerance));
    EXPECT_TRUE(support::near_relative(name + ".clipped", all, expected, tolerance));
  }
}

}  // namespace reference_parity_test
