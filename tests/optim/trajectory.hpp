// SPDX-License-Identifier: MIT
#pragma once
// An optimiser and its reference side by side: the same gradients for a number of steps, the flat
// buffer of values compared after each.

#include <cstddef>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "reference/optim.hpp"
#include "support/compare.hpp"
#include "support/model_check.hpp"

namespace support {

/// 33 * 17 weights and 17 biases: whole vectors and the rest of one.
using SmallNet = lamina::Sequential<lamina::Linear<33, 17>>;
using SmallModel = lamina::Model<SmallNet, lamina::Shape<33>>;

/// The gradient of step number `step`: sizes from 1e-4 to 1, and some exactly zero.
inline Values step_gradient(std::size_t count, std::uint32_t step) {
  Values gradient = random_values(count, 1000 + step);
  const double sizes[] = {1.0, 0.1, 1e-2, 1e-4, 0.0};
  for (std::size_t i = 0; i < count; ++i)
    gradient[i] = static_cast<float>(gradient[i] * sizes[i % 5]);
  return gradient;
}

inline void set_gradients(SmallModel& model, std::uint32_t step) {
  const auto parameters = model.parameters();
  const Values gradient = step_gradient(parameters.gradients.size(), step);
  for (std::size_t i = 0; i < gradient.size(); ++i)
    parameters.gradients[i] = static_cast<float>(gradient[i]);
}

inline Values flat_values(SmallModel& model) {
  const auto values = model.parameters().values;
  return {values.begin(), values.end()};
}

/// 20 steps. Each rounds a value by 6e-8 of itself, AdamW's shrinking by a rounded factor the same way
/// each time: 2e-6 in all. A wrong coefficient of 1 % is off by 1e-5 and more.
template <class Optimiser, class Reference>
void expect_trajectory(SmallModel& model, Optimiser& optimiser, Reference reference,
                       double tolerance = 2e-6) {
  Values expected = flat_values(model);
  for (std::uint32_t step = 0; step < 20; ++step) {
    set_gradients(model, step);
    optimiser.step();
    reference.step(expected, step_gradient(expected.size(), step));
    ASSERT_TRUE(near_relative("values after step " + std::to_string(step), flat_values(model),
                              expected, tolerance));
  }
}

/// Continues with a copy made from `state()`: 5 steps, the state moved to new objects, 5 more must
/// equal 10 in one go to the bit.
template <class Optimiser, class Options>
void expect_state_continues(Options options) {
  SmallModel whole{lamina::Seed{1}}, first{lamina::Seed{1}}, second{lamina::Seed{2}};
  Optimiser whole_optimiser{whole.parameters(), options};
  Optimiser first_optimiser{first.parameters(), options};
  Optimiser second_optimiser{second.parameters(), options};
  for (std::uint32_t step = 0; step < 10; ++step) {
    set_gradients(whole, step);
    whole_optimiser.step();
  }
  for (std::uint32_t step = 0; step < 5; ++step) {
    set_gradients(first, step);
    first_optimiser.step();
  }
  const auto move = [](const auto& from, auto to) {
    ASSERT_EQ(from.tensors.size(), to.tensors.size());
    ASSERT_EQ(from.counters.size(), to.counters.size());
    for (std::size_t i = 0; i < from.tensors.size(); ++i) {
      EXPECT_EQ(from.tensors[i].name(), to.tensors[i].name());
      to.tensors[i].assign(from.tensors[i].array());
    }
    for (std::size_t i = 0; i < from.counters.size(); ++i)
      *to.counters[i].value = *from.counters[i].value;
  };
  move(first.state(), second.state());
  move(first_optimiser.state(), second_optimiser.state());
  for (std::uint32_t step = 5; step < 10; ++step) {
    set_gradients(second, step);
    second_optimiser.step();
  }
  for (const char* name : {"0.weight", "0.bias"})
    EXPECT_EQ(values_of(whole.parameter(name)), values_of(second.parameter(name))) << name;
}

}  // namespace support
