// SPDX-License-Identifier: MIT
// ReLU, LeakyReLU, Sigmoid, Tanh and SiLU against the double-precision reference.

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/model_check.hpp"

namespace activations_test {

using namespace lamina;
using reference::Values;
using support::expect_matches_reference;

using Awkward = Shape<3, 5, 7>;

TEST(ReLU, MatchesReference) {
  expect_matches_reference<Sequential<ReLU>, Awkward>({reference::layer::relu()}, {.gap = 0.01});
  expect_matches_reference<Sequential<ReLU>, Shape<1>>({reference::layer::relu()},
                                                       {.images = 1, .gap = 0.01, .seed = 3});
}

TEST(LeakyReLU, MatchesReference) {
  expect_matches_reference<Sequential<LeakyReLU<>>, Awkward>({reference::layer::leaky_relu()},
                                                             {.gap = 0.01});
  expect_matches_reference<Sequential<LeakyReLU<0.2>>, Shape<33>>(
      {reference::layer::leaky_relu(0.2)}, {.gap = 0.01});
}

TEST(Sigmoid, MatchesReference) {
  expect_matches_reference<Sequential<Sigmoid>, Awkward>({reference::layer::sigmoid()});
}

TEST(Tanh, MatchesReference) {
  expect_matches_reference<Sequential<Tanh>, Awkward>({reference::layer::tanh()});
}

TEST(SiLU, MatchesReference) {
  expect_matches_reference<Sequential<SiLU>, Awkward>({reference::layer::silu()});
  expect_matches_reference<Sequential<SiLU>, Shape<1>>({reference::layer::silu()}, {.images = 1});
}

TEST(SiLU, MatchesReferenceWhereItsInputMustStay) {
  // Neither SiLU nor the ReLU behind it may write over what SiLU reads in backward.
  using Net = Sequential<Linear<9, 17>, SiLU, SiLU, ReLU, SiLU>;
  using namespace reference::layer;
  expect_matches_reference<Net, Shape<9>>({linear(17), silu(), silu(), relu(), silu()},
                                          {.images = 5});
}

TEST(Activations, MatchReferenceOneAfterTheOther) {
  // Each writes over what it reads where it may; the gradients need the outputs of all of them.
  using Net = Sequential<Linear<9, 17>, Tanh, Sigmoid, LeakyReLU<0.3>, ReLU, Tanh>;
  using namespace reference::layer;
  expect_matches_reference<Net, Shape<9>>(
      {linear(17), tanh(), sigmoid(), leaky_relu(0.3), relu(), tanh()}, {.images = 5});
}

/// y and dx for these inputs, with an output gradient of ones.
template <class L>
std::pair<Values, Values> run(const Values& x) {
  using S = Shape<1>;
  Model<Sequential<L>, S> model{Seed{1}};
  const auto input = support::batch_of<S>(x);
  const Values y = support::values_of(model.forward(input));
  model.backward(support::batch_of<S>(Values(x.size(), 1.0)), Gradients::input);
  return {y, support::values_of(model.input_gradient())};
}

TEST(Activations, DerivativesAtZeroAreTorchs) {
  EXPECT_EQ(run<ReLU>({0.0, -0.0}).second, (Values{0.0, 0.0}));
  EXPECT_EQ(run<LeakyReLU<0.25>>({0.0, -0.0}).second, (Values{0.25, 0.25}));
}

TEST(Activations, ExtremesSaturateAndStayFinite) {
  const Values x{-1e30, -1000.0, -90.0, 90.0, 1000.0, 1e30};
  const auto [sigmoid, sigmoid_gradient] = run<Sigmoid>(x);
  EXPECT_TRUE(support::near_scaled("sigmoid", sigmoid, Values{0, 0, 0, 1, 1, 1}, 1e-37, 1.0));
  EXPECT_EQ(support::max_abs(sigmoid_gradient), support::max_abs(sigmoid_gradient));
  EXPECT_LT(support::max_abs(sigmoid_gradient), 1e-37);
  const auto [tanh, tanh_gradient] = run<Tanh>(x);
  EXPECT_EQ(tanh, (Values{-1, -1, -1, 1, 1, 1}));
  EXPECT_EQ(tanh_gradient, Values(6, 0.0));
  const auto [silu, silu_gradient] = run<SiLU>(x);
  EXPECT_TRUE(
      support::near_elementwise("silu", silu, Values{0, 0, 0, 90, 1000, 1e30}, 1e-6, 1e-30));
  EXPECT_TRUE(
      support::near_scaled("silu gradient", silu_gradient, Values{0, 0, 0, 1, 1, 1}, 1e-30, 1.0));
}

TEST(Activations, AreAccurateOverTheirWholeRange) {
  // Every value to 1e-6 of itself (16 ulp): a network's logits live in all of these decades.
  Values x;
  for (double value = 1e-6; value < 80.0; value *= 1.01) {
    x.push_back(static_cast<float>(value));
    x.push_back(static_cast<float>(-value));
  }
  EXPECT_TRUE(support::near_elementwise("sigmoid", run<Sigmoid>(x).first, reference::sigmoid(x),
                                        1e-6, 1e-35));
  EXPECT_TRUE(
      support::near_elementwise("tanh", run<Tanh>(x).first, reference::tanh(x), 1e-6, 1e-35));
  EXPECT_TRUE(
      support::near_elementwise("silu", run<SiLU>(x).first, reference::silu(x), 1e-6, 1e-33));
}

TEST(Activations, NaNComesThrough) {
  support::expect_nan_spreads<Sequential<ReLU>, Awkward>();
  support::expect_nan_spreads<Sequential<LeakyReLU<>>, Awkward>();
  support::expect_nan_spreads<Sequential<Sigmoid>, Awkward>();
  support::expect_nan_spreads<Sequential<Tanh>, Awkward>();
  support::expect_nan_spreads<Sequential<SiLU>, Awkward>();
}

TEST(Activations, NaNComesThroughInEveryLane) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t at = 0; at < 19; ++at) {
    Values x(19, 0.5);
    x[at] = nan;
    EXPECT_TRUE(std::isnan(run<ReLU>(x).first[at]));
    EXPECT_TRUE(std::isnan(run<LeakyReLU<>>(x).first[at]));
    EXPECT_TRUE(std::isnan(run<Sigmoid>(x).first[at]));
    EXPECT_TRUE(std::isnan(run<Tanh>(x).first[at]));
    EXPECT_TRUE(std::isnan(run<SiLU>(x).first[at]));
  }
}

}  // namespace activations_test
