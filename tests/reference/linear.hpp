// SPDX-License-Identifier: MIT
#pragma once
// torch.nn.Linear: y = x W^T + b with x (N, in), W (out, in), b (out), y (N, out).

#include "reference/values.hpp"

namespace reference {

struct Linear {
  int batch = 1, in = 1, out = 1;

  Extents4 input() const { return {batch, in, 1, 1}; }
  Extents4 weight() const { return {out, in, 1, 1}; }
  Extents4 output() const { return {batch, out, 1, 1}; }
};

/// An empty `bias` means none.
inline Values linear(const Linear& s, const Values& input, const Values& weight,
                     const Values& bias) {
  const Extents4 x = s.input(), k = s.weight(), y = s.output();
  expect_size(input, x.size(), "linear input");
  expect_size(weight, k.size(), "linear weight");
  Values output(y.size());
  for (int n = 0; n < s.batch; ++n)
    for (int o = 0; o < s.out; ++o) {
      double sum = bias.empty() ? 0.0 : bias.at(static_cast<std::size_t>(o));
      for (int i = 0; i < s.in; ++i)
        sum += input[x(n, i, 0, 0)] * weight[k(o, i, 0, 0)];
      output[y(n, o, 0, 0)] = sum;
    }
  return output;
}

inline Gradients linear_backward(const Linear& s, const Values& input, const Values& weight,
                                 const Values& output_gradient) {
  const Extents4 x = s.input(), k = s.weight(), y = s.output();
  expect_size(output_gradient, y.size(), "linear output gradient");
  Gradients g{Values(x.size()), Values(k.size()), Values(static_cast<std::size_t>(s.out))};
  for (int n = 0; n < s.batch; ++n)
    for (int o = 0; o < s.out; ++o) {
      const double dy = output_gradient[y(n, o, 0, 0)];
      g.bias[static_cast<std::size_t>(o)] += dy;
      for (int i = 0; i < s.in; ++i) {
        g.input[x(n, i, 0, 0)] += dy * weight[k(o, i, 0, 0)];
        g.weight[k(o, i, 0, 0)] += dy * input[x(n, i, 0, 0)];
      }
    }
  return g;
}

}  // namespace reference
