// SPDX-License-Identifier: MIT
#pragma once
// What the tests of generative models share: parameters that are nowhere special, and every gradient
// of a model against differences of a loss in double precision.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "reference/finite_difference.hpp"
#include "reference/network.hpp"
#include "support/compare.hpp"
#include "support/model_check.hpp"

namespace generative {

using reference::Values;

/// Parameters in [-0.6, 0.6]: neither ones and zeros, as normalisation starts, nor so large that tanh
/// and sigmoid are flat.
template <class M>
void randomise(M& model, std::uint32_t seed) {
  for (auto& tensor : model.named_parameters()) {
    Values values = support::random_values(tensor.size(), ++seed);
    for (double& value : values)
      value *= 0.6;
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

/// The gradients of all of a model's parameters, `factor` times those of `loss`, which depends on the
/// parameters of `network`, the same network in double precision. Differences are good to 1e-10 of
/// the loss. Float32 sums of some tens of products are off by 1e-6 of the largest gradient; a term
/// that is wrong, missing or counted twice by 1e-2 and more.
template <class M>
void expect_gradients(const std::string& name, M& model, reference::Network& network,
                      const std::function<double()>& loss, double factor = 1.0) {
  const auto tensors = model.named_parameters();
  const auto parameters = network.parameters();
  ASSERT_EQ(tensors.size(), parameters.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    Values expected = reference::numeric_gradient(*parameters[i].value, loss);
    for (double& value : expected)
      value *= factor;
    EXPECT_TRUE(support::near_relative(name + " " + tensors[i].name() + " gradient",
                                       support::gradient_of(tensors[i]), expected, 2e-5));
  }
}

}  // namespace generative
