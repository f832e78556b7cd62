// SPDX-License-Identifier: MIT
// The reference checked by itself: every backward function against central differences, on awkward
// sizes. reference_parity_test.cpp checks the forward functions against PyTorch.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "reference/activations.hpp"
#include "reference/add_condition.hpp"
#include "reference/batch_norm.hpp"
#include "reference/conv2d.hpp"
#include "reference/conv_transpose2d.hpp"
#include "reference/finite_difference.hpp"
#include "reference/group_norm.hpp"
#include "reference/linear.hpp"
#include "reference/losses.hpp"
#include "reference/network.hpp"
#include "reference/optim.hpp"
#include "reference/pool2d.hpp"
#include "reference/values.hpp"
#include "reference/variational.hpp"
#include "support/compare.hpp"

namespace reference_test {

using namespace reference;

// Central differences with h = 1e-5 are good to about 1e-10 of the function's scale, which is the
// size of some tens of terms of order one; a wrong term is off by 1e-2 or more. Gradients that are
// exactly zero (a bias in front of a BatchNorm) are compared on the scale of 1.
constexpr double tolerance = 1e-7;

/// Values in [-1, 1] that keep `gap` away from 0, where ReLU has a kink.
Values noise(std::size_t count, std::uint64_t seed, double gap = 0.0) {
  Values values(count);
  std::uint64_t state = seed * 0x9E3779B97F4A7C15u + 1;
  for (double& v : values) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const double u = 2.0 * static_cast<double>(state >> 11) * 0x1p-53 - 1.0;
    v = u < 0 ? u * (1.0 - gap) - gap : u * (1.0 - gap) + gap;
  }
  return values;
}

double dot(const Values& a, const Values& b) {
  expect_size(b, a.size(), "dot operand");
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += a[i] * b[i];
  return sum;
}

/// Compares an analytic gradient with the numeric one of f, which reads x.
void check(const std::string& name, const Values& analytic, Values& x,
           const std::function<double()>& f) {
  const Values numeric = numeric_gradient(x, f);
  EXPECT_TRUE(support::near_scaled(name, analytic, numeric, tolerance,
                                   (std::max)(support::max_abs(numeric), 1.0)));
}

/// A layer with weight and bias: forward and backward are given as functions of its three arrays.
template <class Sizes, class Forward, class Backward>
void check_layer(const Sizes& s, std::size_t weight_size, std::size_t bias_size, Forward forward,
                 Backward backward) {
  Values x = noise(s.input().size(), 1), weight = noise(weight_size, 2), bias = noise(bias_size, 3);
  const Values dy = noise(forward(s, x, weight, bias).size(), 4);
  const Gradients g = backward(s, x, weight, dy);
  const auto loss = [&] { return dot(forward(s, x, weight, bias), dy); };
  check("input gradient", g.input, x, loss);
  check("weight gradient", g.weight, weight, loss);
  check("bias gradient", g.bias, bias, loss);
}

TEST(ReferenceLinear, BackwardMatchesFiniteDifferences) {
  for (const Linear s : {Linear{1, 1, 1}, Linear{3, 5, 2}, Linear{2, 17, 33}}) {
    check_layer(s, s.weight().size(), static_cast<std::size_t>(s.out), linear, linear_backward);
  }
}

TEST(ReferenceConv2d, BackwardMatchesFiniteDifferences) {
  // batch, in, height, width, out, kernel, stride, padding
  for (const Conv2d s : {Conv2d{1, 1, 1, 1, 1, 1, 1, 0}, Conv2d{2, 3, 5, 7, 4, 3, 1, 0},
                         Conv2d{2, 2, 7, 6, 3, 4, 2, 1}, Conv2d{1, 1, 8, 5, 2, 5, 3, 2},
                         Conv2d{3, 2, 3, 3, 5, 3, 1, 0}, Conv2d{1, 2, 1, 2, 1, 3, 2, 2}}) {
    check_layer(s, s.weight().size(), static_cast<std::size_t>(s.out), conv2d, conv2d_backward);
  }
}

TEST(ReferenceConvTranspose2d, BackwardMatchesFiniteDifferences) {
  // batch, in, height, width, out, kernel, stride, padding, output padding
  for (const ConvTranspose2d s :
       {ConvTranspose2d{1, 1, 1, 1, 1, 1, 1, 0, 0}, ConvTranspose2d{2, 3, 1, 1, 2, 4, 1, 0, 0},
        ConvTranspose2d{2, 2, 3, 4, 3, 4, 2, 1, 0}, ConvTranspose2d{1, 3, 3, 2, 2, 3, 2, 1, 1},
        ConvTranspose2d{2, 1, 2, 3, 1, 5, 3, 2, 2}, ConvTranspose2d{1, 2, 4, 5, 3, 3, 1, 2, 0}}) {
    check_layer(s, s.weight().size(), static_cast<std::size_t>(s.out), conv_transpose2d,
                conv_transpose2d_backward);
  }
}

TEST(ReferenceConvTranspose2d, IsTheInputGradientOfConv2d) {
  const Conv2d conv{.batch = 2,
                    .in = 3,
                    .height = 9,
                    .width = 8,
                    .out = 4,
                    .kernel = 4,
                    .stride = 2,
                    .padding = 1};
  // Conv2d maps 9 rows to 4; the transposed layer needs one row of output padding to come back.
  const Values weight = noise(conv.weight().size(), 1), dy = noise(conv.output().size(), 2);
  const Values dx = conv2d_backward(conv, Values(conv.input().size()), weight, dy).input;
  const ConvTranspose2d even{2, 4, 4, 4, 3, 4, 2, 1, 0}, odd{2, 4, 4, 4, 3, 4, 2, 1, 1};
  const Values y = conv_transpose2d(odd, dy, weight, {});
  ASSERT_EQ(odd.out_height(), 9);
  ASSERT_EQ(even.out_width(), 8);
  for (int n = 0; n < 2; ++n)
    for (int c = 0; c < 3; ++c)
      for (int h = 0; h < 9; ++h)
        for (int w = 0; w < 8; ++w)
          EXPECT_NEAR(y[odd.output()(n, c, h, w)], dx[conv.input()(n, c, h, w)], 1e-14);
}

TEST(ReferenceBatchNorm, BackwardMatchesFiniteDifferences) {
  for (const BatchNorm s : {BatchNorm{2, 1, 1, 1}, BatchNorm{5, 3, 1, 1}, BatchNorm{1, 2, 3, 1},
                            BatchNorm{3, 4, 3, 5}}) {
    const auto channels = static_cast<std::size_t>(s.channels);
    Moments fresh{noise(channels, 5), Values(channels, 0.7)};
    check_layer(
        s, channels, channels,
        [&](const BatchNorm& b, const Values& x, const Values& weight, const Values& bias) {
          Moments running = fresh;
          return batch_norm_train(b, running, x, weight, bias);
        },
        batch_norm_train_backward);
    check_layer(
        s, channels, channels,
        [&](const BatchNorm& b, const Values& x, const Values& weight, const Values& bias) {
          return batch_norm_eval(b, fresh, x, weight, bias);
        },
        [&](const BatchNorm& b, const Values& x, const Values& weight, const Values& dy) {
          return batch_norm_eval_backward(b, fresh, x, weight, dy);
        });
  }
}

TEST(ReferenceBatchNorm, OneValueAChannelCannotBeTrained) {
  Moments running{{0.0}, {1.0}};
  EXPECT_THROW(batch_norm_train({1, 1, 1, 1}, running, {2.0}, {1.0}, {0.0}), std::invalid_argument);
}

TEST(ReferenceActivations, BackwardMatchesFiniteDifferences) {
  Values x = noise(31, 1, 0.01);
  const Values dy = noise(31, 2), mask = relu(noise(31, 3));
  check("relu", relu_backward(x, dy), x, [&] { return dot(relu(x), dy); });
  check("leaky_relu", leaky_relu_backward(x, dy, 0.2), x,
        [&] { return dot(leaky_relu(x, 0.2), dy); });
  check("sigmoid", sigmoid_backward(x, dy), x, [&] { return dot(sigmoid(x), dy); });
  check("tanh", tanh_backward(x, dy), x, [&] { return dot(reference::tanh(x), dy); });
  check("silu", silu_backward(x, dy), x, [&] { return dot(silu(x), dy); });
  check("dropout", dropout_backward(dy, mask, 0.25), x,
        [&] { return dot(dropout(x, mask, 0.25), dy); });
}

TEST(ReferenceGroupNorm, BackwardMatchesFiniteDifferences) {
  // batch, channels, height, width, groups
  for (const GroupNorm s : {GroupNorm{2, 1, 3, 2, 1}, GroupNorm{3, 6, 1, 1, 2},
                            GroupNorm{2, 6, 3, 5, 3}, GroupNorm{1, 4, 2, 3, 4}}) {
    const auto channels = static_cast<std::size_t>(s.channels);
    check_layer(s, channels, channels, group_norm, group_norm_backward);
  }
}

TEST(ReferenceAddCondition, BackwardMatchesFiniteDifferences) {
  // batch, channels, height, width, features
  for (const AddCondition s : {AddCondition{1, 1, 1, 1, 1}, AddCondition{3, 4, 2, 5, 3}}) {
    const Values condition = noise(static_cast<std::size_t>(s.batch * s.features), 5);
    check_layer(
        s, s.linear().weight().size(), static_cast<std::size_t>(s.channels),
        [&](const AddCondition& a, const Values& x, const Values& weight, const Values& bias) {
          return add_condition(a, condition, x, weight, bias);
        },
        [&](const AddCondition& a, const Values&, const Values& weight, const Values& dy) {
          return add_condition_backward(a, condition, weight, dy);
        });
  }
}

TEST(ReferencePool2d, BackwardMatchesFiniteDifferences) {
  // batch, channels, height, width, kernel, stride, padding
  for (const Pool2d s :
       {Pool2d{1, 1, 1, 1, 1, 1, 0}, Pool2d{2, 3, 5, 7, 2, 2, 0}, Pool2d{2, 2, 7, 6, 3, 2, 1},
        Pool2d{1, 3, 5, 4, 4, 1, 2}, Pool2d{2, 1, 8, 7, 2, 3, 0}}) {
    Values x = noise(s.input().size(), 1);
    const Values dy = noise(s.output().size(), 2);
    check("max", max_pool2d_backward(s, x, dy), x, [&] { return dot(max_pool2d(s, x), dy); });
    check("average", avg_pool2d_backward(s, dy), x, [&] { return dot(avg_pool2d(s, x), dy); });
  }
}

TEST(ReferenceUpsample, BackwardMatchesFiniteDifferences) {
  for (const Pool2d s : {Pool2d{2, 3, 6, 10, 2, 2, 0}, Pool2d{1, 1, 3, 6, 3, 3, 0}}) {
    Values x = noise(s.output().size(), 1);
    const Values dy = noise(s.input().size(), 2);
    check("upsample", upsample_backward(s, dy), x, [&] { return dot(upsample(s, x), dy); });
  }
}

TEST(ReferenceLosses, GradientMatchesFiniteDifferences) {
  Values logits = noise(23, 1), probabilities = sigmoid(noise(23, 2));
  const Values target = sigmoid(noise(23, 3));
  for (const Reduction r : {Reduction::mean, Reduction::sum}) {
    check("mse", mse_loss(logits, target, r).gradient, logits,
          [&] { return mse_loss(logits, target, r).value; });
    check("bce", binary_cross_entropy(probabilities, target, r).gradient, probabilities,
          [&] { return binary_cross_entropy(probabilities, target, r).value; });
    const std::vector<std::uint8_t> labels{4, 0, 7};
    Values classes = noise(24, 4);
    check("cross entropy", cross_entropy(classes, labels, r).gradient, classes,
          [&] { return cross_entropy(classes, labels, r).value; });
    check("bce with logits", binary_cross_entropy_with_logits(logits, target, r).gradient, logits,
          [&] { return binary_cross_entropy_with_logits(logits, target, r).value; });
    check("half squared error", half_squared_error_of_logit(logits, target, r).gradient, logits,
          [&] { return half_squared_error_of_logit(logits, target, r).value; });
  }
}

TEST(ReferenceLosses, GradientMatchesFiniteDifferencesForTargetsOfOneAndMinusOne) {
  // Up to 3: on both sides of hinge's corner at t x = 1, and none within a difference of it.
  Values logits = noise(23, 1), target = noise(23, 2);
  for (double& logit : logits)
    logit *= 3.0;
  for (double& t : target)
    t = t < 0 ? -1.0 : 1.0;
  for (const Reduction r : {Reduction::mean, Reduction::sum}) {
    check("wasserstein", wasserstein(logits, target, r).gradient, logits,
          [&] { return wasserstein(logits, target, r).value; });
    const Values gradient = hinge(logits, target, r).gradient;
    check("hinge", gradient, logits, [&] { return hinge(logits, target, r).value; });
    const auto flat = std::ranges::count(gradient, 0.0);
    EXPECT_TRUE(flat > 0 && flat < 23) << flat;
  }
}

TEST(ReferenceVariational, DivergencesAreIntegrals) {
  // The definition, the integral of q log(q / p), as a sum over steps of a thousandth of q's deviation
  // out to twelve of them: no formula is shared, and what is left out is below 1e-30.
  const auto log_density = [](double x, double mean, double deviation) {
    const double z = (x - mean) / deviation;
    return -0.5 * z * z - std::log(deviation) - 0.9189385332046727;  // log sqrt(2 pi)
  };
  const Values means{0.0, 1.5, -0.3, 0.7, 2.0}, log_variances{0.0, 0.0, -3.0, 1.2, -1.0};
  Values expected, encoded = means;
  encoded.insert(encoded.end(), log_variances.begin(), log_variances.end());
  for (std::size_t i = 0; i < means.size(); ++i) {
    const double deviation = std::exp(log_variances[i] / 2), step = 1e-3 * deviation;
    double sum = 0.0;
    for (int k = -12'000; k <= 12'000; ++k) {
      const double x = means[i] + k * step, log_q = log_density(x, means[i], deviation);
      sum += step * std::exp(log_q) * (log_q - log_density(x, 0.0, 1.0));
    }
    expected.push_back(sum);
  }
  EXPECT_TRUE(support::near_scaled("divergences", divergences(5, encoded), expected, 1e-9, 1.0));
}

TEST(ReferenceNetwork, BackwardMatchesFiniteDifferencesThroughEveryKindOfLayer) {
  Values mask(2 * 3 * 3 * 4, 1.0);
  for (std::size_t i = 0; i < mask.size(); i += 3)
    mask[i] = 0.0;
  Network net({.c = 2, .h = 5, .w = 7},
              {layer::conv2d(3, 3, 2, 1), layer::batch_norm(), layer::leaky_relu(0.1),
               layer::dropout(0.25, mask), layer::flatten(), layer::linear(12, false),
               layer::tanh(), layer::unflatten(3, 2, 2), layer::conv_transpose2d(2, 3, 2, 1, 1),
               layer::sigmoid(), layer::conv_transpose2d(1, 2, 1, 0, 0, false), layer::relu()});
  std::uint64_t seed = 10;
  for (const auto& p : net.parameters())
    *p.value = noise(p.value->size(), ++seed);
  Values x = noise(2 * 2 * 5 * 7, 1);
  const Values dy = noise(net.forward(x, 2).size(), 2);
  const auto loss = [&] { return dot(net.forward(x, 2), dy); };
  const Values dx = net.backward(dy);
  check("input", dx, x, loss);
  ASSERT_EQ(net.parameters().size(), 8u);  // two convolution and linear layers have no bias
  for (std::size_t i = 0; i < net.parameters().size(); ++i) {
    const Values analytic = *net.parameters()[i].gradient;
    check("parameter " + std::to_string(i), analytic, *net.parameters()[i].value, loss);
  }
}

TEST(ReferenceNetwork, BackwardMatchesFiniteDifferencesThroughBranches) {
  using namespace layer;
  Network net({.c = 2, .h = 4, .w = 3},
              {conv2d(4, 3, 1, 1),
               residual({group_norm(2), silu(), add_condition(3), conv2d(4, 3, 1, 1),
                         concat({{}, {residual({}), conv2d(2, 1)}, {reference::layer::tanh()}}),
                         conv2d(4, 1)}),
               concat({{max_pool2d(2, 1, 1), conv2d(3, 2)}, {}}), flatten(),
               concat({{linear(5)}, {linear(4), reference::layer::sigmoid()}})});
  net.set_condition(noise(2 * 3, 3));
  std::uint64_t seed = 10;
  for (const auto& p : net.parameters())
    *p.value = noise(p.value->size(), ++seed);
  Values x = noise(2 * 2 * 4 * 3, 1);
  const Values dy = noise(net.forward(x, 2).size(), 2);
  ASSERT_EQ(dy.size(), 2u * (5 + 4));
  const auto loss = [&] { return dot(net.forward(x, 2), dy); };
  const Values dx = net.backward(dy);
  check("input", dx, x, loss);
  ASSERT_EQ(net.parameters().size(), 18u);
  for (std::size_t i = 0; i < net.parameters().size(); ++i) {
    const Values analytic = *net.parameters()[i].gradient;
    check("parameter " + std::to_string(i), analytic, *net.parameters()[i].value, loss);
  }
}

TEST(ReferenceNetwork, PutsBranchesSideBySideInEachImage) {
  // torch.cat([x, 2 * x], dim=1) for x = torch.tensor([[1., 2.], [3., 4.]])
  Network net({.c = 2}, {layer::concat({{}, {layer::residual({})}})});
  EXPECT_EQ(net.forward({1, 2, 3, 4}, 2), (Values{1, 2, 2, 4, 3, 4, 6, 8}));
  EXPECT_EQ(net.backward({1, 2, 3, 4, 5, 6, 7, 8}), (Values{7, 10, 19, 22}));
}

TEST(ReferenceValues, AWrongSizeIsRefused) {
  EXPECT_THROW(linear({2, 3, 4}, Values(5), Values(12), {}), std::invalid_argument);
  EXPECT_THROW(mse_loss(Values(3), Values(4)), std::invalid_argument);
}

}  // namespace reference_test
