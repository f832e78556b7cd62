// SPDX-License-Identifier: MIT
// SGD over 20 steps against the reference, its state, and the options it refuses.

#include <stdexcept>

#include <gtest/gtest.h>

#include "optim/trajectory.hpp"
#include "support/error_text.hpp"

namespace sgd_test {

using namespace lamina;
using support::SmallModel;

/// The reference with exactly the floats that our options hold.
reference::Sgd reference_of(const SGDOptions& o) {
  return reference::Sgd({.learning_rate = static_cast<double>(o.learning_rate),
                         .momentum = static_cast<double>(o.momentum),
                         .weight_decay = static_cast<double>(o.weight_decay),
                         .nesterov = o.nesterov});
}

void expect_trajectory(const SGDOptions& options) {
  SmallModel model{Seed{1}};
  SGD sgd{model.parameters(), options};
  support::expect_trajectory(model, sgd, reference_of(options));
}

TEST(SGD, MatchesReferencePlain) {
  expect_trajectory({.learning_rate = 0.1F});
}

TEST(SGD, MatchesReferenceMomentum) {
  expect_trajectory({.learning_rate = 0.1F, .momentum = 0.9F});
}

TEST(SGD, MatchesReferenceNesterov) {
  expect_trajectory({.learning_rate = 0.1F, .momentum = 0.9F, .nesterov = true});
}

TEST(SGD, MatchesReferenceWeightDecay) {
  expect_trajectory({.learning_rate = 0.1F, .weight_decay = 0.05F});
  expect_trajectory(
      {.learning_rate = 0.05F, .momentum = 0.8F, .weight_decay = 0.02F, .nesterov = true});
}

TEST(SGD, ChangesItsLearningRateBetweenSteps) {
  SmallModel model{Seed{1}}, still{Seed{1}};
  SGD sgd{model.parameters(), {.learning_rate = 0.5F}};
  EXPECT_EQ(sgd.learning_rate(), 0.5F);
  sgd.set_learning_rate(0.0F);
  support::set_gradients(model, 1);
  sgd.step();
  EXPECT_EQ(support::flat_values(model), support::flat_values(still));
  sgd.set_learning_rate(0.25F);
  support::set_gradients(model, 1);
  sgd.step();
  reference::Values expected = support::flat_values(still);
  reference_of({.learning_rate = 0.25F}).step(expected, support::step_gradient(expected.size(), 1));
  EXPECT_TRUE(support::near_relative("values", support::flat_values(model), expected, 1e-6));
}

TEST(SGD, StateContinuesIdentically) {
  support::expect_state_continues<SGD<Cpu>>(SGDOptions{.learning_rate = 0.1F, .momentum = 0.9F});
  support::expect_state_continues<SGD<Cpu>>(SGDOptions{.learning_rate = 0.1F});
}

TEST(SGD, StateHasTorchsNames) {
  SmallModel model{Seed{1}};
  SGD plain{model.parameters(), {.learning_rate = 0.1F}};
  EXPECT_TRUE(plain.state().tensors.empty());
  SGD moving{model.parameters(), {.learning_rate = 0.1F, .momentum = 0.9F}};
  const auto state = moving.state();
  ASSERT_EQ(state.tensors.size(), 2U);
  EXPECT_EQ(state.tensors[0].name(), "0.weight.momentum_buffer");
  EXPECT_EQ(state.tensors[1].name(), "0.bias.momentum_buffer");
  EXPECT_EQ(state.tensors[0].shape(), (std::vector<std::size_t>{17, 33}));
  ASSERT_EQ(state.counters.size(), 1U);
  EXPECT_EQ(state.counters[0].name, "step");
}

TEST(SGD, RefusesBadOptions) {
  SmallModel model{Seed{1}};
  const auto text_of = [&](SGDOptions options) {
    return support::error_text<std::invalid_argument>([&] { SGD{model.parameters(), options}; });
  };
  EXPECT_TRUE(support::says(text_of({.learning_rate = -0.5F}), "at least 0", "-0.5"));
  EXPECT_TRUE(support::says(text_of({.momentum = -0.25F}), "at least 0", "-0.25"));
  EXPECT_TRUE(support::says(text_of({.weight_decay = -2.0F}), "at least 0", "-2"));
  EXPECT_TRUE(support::says(text_of({.nesterov = true}), "Nesterov needs a momentum above 0"));
}

}  // namespace sgd_test
