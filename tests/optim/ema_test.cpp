// SPDX-License-Identifier: MIT
// Ema against a plain loop, the exchange with the model, its state, and the decays it refuses.

#include "lamina/optim/ema.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "optim/trajectory.hpp"
#include "support/error_text.hpp"

namespace ema_test {

using namespace lamina;
using support::SmallModel;
using support::Values;

/// Moves the parameters as a training step would.
void move(SmallModel& model, std::uint32_t step) {
  const auto values = model.parameters().values;
  const Values gradient = support::step_gradient(values.size(), step);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] -= 0.1F * static_cast<float>(gradient[i]);
}

/// The average that the model's parameters are exchanged with, and back.
Values average_of(SmallModel& model, Ema<Cpu>& ema) {
  ema.swap();
  const Values average = support::flat_values(model);
  ema.swap();
  return average;
}

TEST(Ema, MatchesAPlainLoop) {
  // 40 updates: the decay is (1 + n) / (10 + n) as long as that is smaller, for 0.75 up to n = 26, for
  // 0.999 all the time. Each rounds by 6e-8 of values up to 1.
  for (const float decay : {0.0F, 0.75F, 0.999F}) {
    SmallModel model{Seed{1}};
    Ema ema{model.parameters(), decay};
    Values expected = support::flat_values(model);
    for (std::uint32_t n = 0; n < 40; ++n) {
      move(model, n);
      ema.update();
      const Values now = support::flat_values(model);
      const double kept = (std::min)(static_cast<double>(decay), (1.0 + n) / (10.0 + n));
      for (std::size_t i = 0; i < expected.size(); ++i)
        expected[i] = kept * expected[i] + (1.0 - kept) * now[i];
      ASSERT_TRUE(support::near_scaled("average after update " + std::to_string(n),
                                       average_of(model, ema), expected, 1e-6, 1.0));
    }
  }
}

TEST(Ema, StartsWithTheParameters) {
  SmallModel model{Seed{1}};
  Ema ema{model.parameters(), 0.9F};
  const Values start = support::flat_values(model);
  move(model, 1);
  EXPECT_EQ(average_of(model, ema), start);
}

TEST(Ema, LeavesTheModelAsItIs) {
  SmallModel model{Seed{1}};
  Ema ema{model.parameters(), 0.9F};
  move(model, 1);
  const Values before = support::flat_values(model);
  ema.update();
  EXPECT_EQ(support::flat_values(model), before);
}

TEST(Ema, SwappedTwiceIsTheIdentity) {
  SmallModel model{Seed{1}};
  Ema ema{model.parameters(), 0.9F};
  move(model, 1);
  ema.update();
  const Values parameters = support::flat_values(model);
  ema.swap();
  const Values average = support::flat_values(model);
  EXPECT_NE(average, parameters);
  ema.swap();
  EXPECT_EQ(support::flat_values(model), parameters);
  ema.swap();
  EXPECT_EQ(support::flat_values(model), average);
}

TEST(Ema, StateHasTheAverageByNameAndTheUpdates) {
  SmallModel model{Seed{1}};
  Ema ema{model.parameters(), 0.9F};
  move(model, 1);
  ema.update();
  const auto state = ema.state();
  ASSERT_EQ(state.tensors.size(), 2U);
  EXPECT_EQ(state.tensors[0].name(), "0.weight.average");
  EXPECT_EQ(state.tensors[1].name(), "0.bias.average");
  ASSERT_EQ(state.counters.size(), 1U);
  EXPECT_EQ(state.counters[0].name, "updates");
  EXPECT_EQ(*state.counters[0].value, 1);
  const Values weight = support::values_of(state.tensors[0]);
  ema.swap();
  EXPECT_EQ(support::values_of(model.parameter("0.weight")), weight);
}

TEST(Ema, StateContinuesIdentically) {
  // 15 updates in one go, and 5 whose state goes to another average that makes the other 10.
  SmallModel model{Seed{1}};
  Ema whole{model.parameters(), 0.9F}, first{model.parameters(), 0.9F};
  for (std::uint32_t n = 0; n < 5; ++n) {
    move(model, n);
    whole.update();
    first.update();
  }
  Ema second{model.parameters(), 0.9F};
  const auto from = first.state();
  auto to = second.state();
  for (std::size_t i = 0; i < from.tensors.size(); ++i)
    to.tensors[i].assign(from.tensors[i].array());
  *to.counters[0].value = *from.counters[0].value;
  for (std::uint32_t n = 5; n < 15; ++n) {
    move(model, n);
    whole.update();
    second.update();
  }
  const auto by_name = [](Ema<Cpu>& ema) {
    std::vector<Values> averages;
    for (const auto& tensor : ema.state().tensors)
      averages.push_back(support::values_of(tensor));
    return averages;
  };
  EXPECT_EQ(by_name(second), by_name(whole));
}

TEST(Ema, RefusesDecaysOutsideOfZeroToOne) {
  SmallModel model{Seed{1}};
  for (const auto& [decay, text] : {std::pair{1.0F, "got 1"}, std::pair{-0.5F, "got -0.5"},
                                    std::pair{std::numeric_limits<float>::quiet_NaN(), "nan"}}) {
    const auto said = support::error_text<std::invalid_argument>(
        [&, value = decay] { Ema{model.parameters(), value}; });
    EXPECT_TRUE(support::says(said, "a decay in [0, 1)", text));
  }
}

}  // namespace ema_test
