// SPDX-License-Identifier: MIT
#pragma once
// What the tests of generative models share: parameters that are nowhere special, and every gradient
// of a model against differences of a loss in double precision.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "reference/network.hpp"
#include "support/compare.hpp"
#include "support/model_check.hpp"

namespace generative {

using reference::Values;

/// Parameters in [-most, most]: neither ones and zeros, as normalisation starts, nor so large that
/// tanh and sigmoid are flat.
template <class M>
void randomise(M& model, std::uint32_t seed, double most = 0.6) {
  for (auto& tensor : model.named_parameters()) {
    Values values = support::random_values(tensor.size(), ++seed);
    for (double& value : values)
      value = static_cast<float>(most * value);
    support::assign(tensor, values);
  }
}

/// Pixels in [0, 1] that float32 holds.
inline Values pixels(std::size_t count, std::uint32_t seed) {
  Values values = support::random_values(count, seed);
  for (double& value : values)
    value = static_cast<float>(0.5 + 0.5 * value);
  return values;
}

/// The gradients of a model's parameters, `factor` times those of `loss`, which depends on the
/// parameters of `network`, the same network in double precision: some elements of each, by
/// differences, which are good to 1e-10 of the loss. Float32 sums of some tens of products are off by
/// 1e-6 of the largest gradient (of 1e-3, should it vanish); a term that is wrong, missing or counted
/// twice by 1e-2 and more.
template <class M>
void expect_gradients(const std::string& name, M& model, reference::Network& network,
                      const std::function<double()>& loss, double factor = 1.0) {
  constexpr std::size_t most = 30;
  constexpr double h = 1e-5;  // the error is h^2 from the formula and 1e-16 / h from rounding
  const auto tensors = model.named_parameters();
  const auto parameters = network.parameters();
  ASSERT_EQ(tensors.size(), parameters.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    Values& values = *parameters[i].value;
    const Values gradient = support::gradient_of(tensors[i]);
    ASSERT_EQ(gradient.size(), values.size());
    Values got, expected;
    for (std::size_t at = 0; at < values.size(); at += 1 + values.size() / most) {
      const double kept = values[at];
      values[at] = kept + h;
      const double above = loss();
      values[at] = kept - h;
      const double below = loss();
      values[at] = kept;
      got.push_back(gradient[at]);
      expected.push_back(factor * (above - below) / (2.0 * h));
    }
    const double scale = (std::max)(support::max_abs(expected), 1e-3);
    EXPECT_TRUE(support::near_scaled(name + " " + tensors[i].name() + " gradient", got, expected,
                                     2e-5, scale));
  }
}

}  // namespace generative
