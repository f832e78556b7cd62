// SPDX-License-Identifier: MIT
// Adam and AdamW over 20 steps against the reference, their state, and the options they refuse.

#include <cmath>
#include <limits>
#include <stdexcept>

#include <gtest/gtest.h>

#include "optim/trajectory.hpp"
#include "support/error_text.hpp"

namespace adam_test {

using namespace lamina;
using support::SmallModel;

/// The reference with exactly the floats that our options hold.
template <class Options>
reference::Adam reference_of(const Options& o, bool decoupled) {
  return reference::Adam({.learning_rate = static_cast<double>(o.learning_rate),
                          .beta1 = static_cast<double>(o.beta1),
                          .beta2 = static_cast<double>(o.beta2),
                          .epsilon = static_cast<double>(o.epsilon),
                          .weight_decay = static_cast<double>(o.weight_decay),
                          .decoupled = decoupled});
}

void expect_adam(const AdamOptions& options) {
  SmallModel model{Seed{1}};
  Adam adam{model.parameters(), options};
  support::expect_trajectory(model, adam, reference_of(options, false));
}

void expect_adamw(const AdamWOptions& options) {
  SmallModel model{Seed{1}};
  AdamW adamw{model.parameters(), options};
  support::expect_trajectory(model, adamw, reference_of(options, true));
}

TEST(Adam, MatchesReferenceDefaults) {
  expect_adam({});
}

TEST(Adam, MatchesReferenceOtherBetas) {
  expect_adam({.learning_rate = 2e-4F, .beta1 = 0.5F, .beta2 = 0.99F, .epsilon = 1e-6F});
}

TEST(Adam, MatchesReferenceWeightDecay) {
  expect_adam({.learning_rate = 1e-2F, .weight_decay = 0.1F});
}

TEST(AdamW, MatchesReference) {
  expect_adamw({});
  expect_adamw({.learning_rate = 1e-2F, .weight_decay = 0.1F});
}

TEST(Adam, FirstStepIsTheLearningRate) {
  // Bias correction makes it lr * g / |g|, whatever the size of the gradient (PyTorch's does too).
  SmallModel model{Seed{1}};
  const auto before = support::flat_values(model);
  Adam adam{model.parameters(), {.learning_rate = 0.01F}};
  for (float& g : model.parameters().gradients)
    g = -0.003F;
  adam.step();
  const auto after = support::flat_values(model);
  for (std::size_t i = 0; i < after.size(); ++i)
    EXPECT_NEAR(after[i] - before[i], 0.01, 1e-6);
}

TEST(Adam, NaNInAGradientShowsInItsValueOnly) {
  SmallModel model{Seed{1}};
  Adam adam{model.parameters()};
  support::set_gradients(model, 1);
  model.parameters().gradients[20] = std::numeric_limits<float>::quiet_NaN();
  adam.step();
  const auto values = support::flat_values(model);
  for (std::size_t i = 0; i < values.size(); ++i)
    EXPECT_EQ(std::isnan(values[i]), i == 20) << i;
}

TEST(Adam, UnusedLanesStayZeroInTraining) {
  // 17 outputs leave lanes of the packed weights unused; the kernels rely on zeros there.
  SmallModel model{Seed{1}};
  AdamW adamw{model.parameters(), {.learning_rate = 0.05F}};
  const auto x = support::batch_of<Shape<33>>(support::random_values(5 * 33, 1));
  const auto target = support::batch_of<Shape<17>>(support::random_values(5 * 17, 2));
  for (int step = 0; step < 5; ++step) {
    const auto [loss, gradient] = mse_loss(model.forward(x), target);
    model.zero_grad();
    model.backward(gradient);
    adamw.step();
  }
  double packed = 0.0, named = 0.0;
  for (const double value : support::flat_values(model))
    packed += value != 0.0 ? 1.0 : 0.0;
  for (const auto& tensor : model.named_parameters())
    for (const double value : support::values_of(tensor))
      named += value != 0.0 ? 1.0 : 0.0;
  EXPECT_EQ(packed, named);
  EXPECT_EQ(named, 33.0 * 17.0 + 17.0);
}

TEST(Adam, StateContinuesIdentically) {
  support::expect_state_continues<Adam<Cpu>>(AdamOptions{.learning_rate = 0.01F});
  support::expect_state_continues<AdamW<Cpu>>(AdamWOptions{.learning_rate = 0.01F});
}

TEST(Adam, StateHasTorchsNames) {
  SmallModel model{Seed{1}};
  Adam adam{model.parameters()};
  adam.step();
  const auto state = adam.state();
  std::vector<std::string> names;
  for (const auto& tensor : state.tensors)
    names.push_back(tensor.name());
  EXPECT_EQ(names, (std::vector<std::string>{"0.weight.exp_avg", "0.bias.exp_avg",
                                             "0.weight.exp_avg_sq", "0.bias.exp_avg_sq"}));
  ASSERT_EQ(state.counters.size(), 1U);
  EXPECT_EQ(state.counters[0].name, "step");
  EXPECT_EQ(*state.counters[0].value, 1);
}

TEST(Adam, RefusesBadOptions) {
  SmallModel model{Seed{1}};
  const auto text_of = [&](AdamOptions options) {
    return support::error_text<std::invalid_argument>([&] { Adam{model.parameters(), options}; });
  };
  EXPECT_TRUE(support::says(text_of({.learning_rate = -0.5F}), "at least 0", "-0.5"));
  EXPECT_TRUE(support::says(text_of({.epsilon = -0.25F}), "at least 0", "-0.25"));
  EXPECT_TRUE(support::says(text_of({.weight_decay = -2.0F}), "at least 0", "-2"));
  EXPECT_TRUE(support::says(text_of({.beta1 = 1.0F}), "betas in [0, 1)", "1 and 0.999"));
  EXPECT_TRUE(support::says(text_of({.beta2 = -0.5F}), "betas in [0, 1)", "-0.5"));
  EXPECT_TRUE(support::says(text_of({.learning_rate = std::numeric_limits<float>::quiet_NaN()}),
                            "at least 0"));
  EXPECT_TRUE(support::says(support::error_text<std::invalid_argument>(
                                [&] { AdamW{model.parameters(), {.weight_decay = -1.0F}}; }),
                            "at least 0"));
}

}  // namespace adam_test
