// SPDX-License-Identifier: MIT
#pragma once
// x + linear(condition)[:, :, None, None] with x (N, C, H, W), condition (N, F) and
// linear = torch.nn.Linear(F, C).

#include <cstddef>

#include "reference/linear.hpp"
#include "reference/values.hpp"

namespace reference {

struct AddCondition {
  int batch = 1, channels = 1, height = 1, width = 1;
  int features = 1;

  Extents4 input() const { return {batch, channels, height, width}; }
  Linear linear() const { return {batch, features, channels}; }
};

inline Values add_condition(const AddCondition& s, const Values& condition, const Values& input,
                            const Values& weight, const Values& bias) {
  expect_size(input, s.input().size(), "add_condition input");
  const Values added = linear(s.linear(), condition, weight, bias);
  const auto pixels = static_cast<std::size_t>(s.height * s.width);
  Values output = input;
  for (std::size_t i = 0; i < output.size(); ++i)
    output[i] += added[i / pixels];
  return output;
}

inline Gradients add_condition_backward(const AddCondition& s, const Values& condition,
                                        const Values& weight, const Values& output_gradient) {
  expect_size(output_gradient, s.input().size(), "add_condition output gradient");
  const auto pixels = static_cast<std::size_t>(s.height * s.width);
  Values sums(s.linear().output().size());
  for (std::size_t i = 0; i < output_gradient.size(); ++i)
    sums[i / pixels] += output_gradient[i];
  Gradients g = linear_backward(s.linear(), condition, weight, sums);
  g.input = output_gradient;
  return g;
}

}  // namespace reference
