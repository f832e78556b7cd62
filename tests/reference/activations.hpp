// SPDX-License-Identifier: MIT
#pragma once
// Elementwise layers: ReLU, LeakyReLU, Sigmoid, Tanh, SiLU, and Dropout with the mask given. Each
// backward takes the layer's input. Flatten and Unflatten change no value in this layout and need
// no function.

#include <cmath>

#include "reference/values.hpp"

namespace reference {

namespace detail {

template <class F>
Values map(const Values& a, F f) {
  Values result(a.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    result[i] = f(a[i]);
  return result;
}

template <class F>
Values map(const Values& a, const Values& b, F f) {
  expect_size(b, a.size(), "second operand");
  Values result(a.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    result[i] = f(a[i], b[i]);
  return result;
}

inline double logistic(double x) {
  return x >= 0 ? 1.0 / (1.0 + std::exp(-x)) : std::exp(x) / (1.0 + std::exp(x));
}

}  // namespace detail

/// torch.nn.LeakyReLU; at exactly 0 the derivative is the slope, as in PyTorch.
inline Values leaky_relu(const Values& input, double slope = 0.01) {
  return detail::map(input, [=](double x) { return x > 0 ? x : slope * x; });
}

inline Values leaky_relu_backward(const Values& input, const Values& output_gradient,
                                  double slope = 0.01) {
  return detail::map(input, output_gradient,
                     [=](double x, double dy) { return x > 0 ? dy : slope * dy; });
}

/// torch.nn.ReLU; at exactly 0 the derivative is 0, as in PyTorch.
inline Values relu(const Values& input) {
  return detail::map(input, [](double x) { return x > 0 ? x : 0.0; });
}

inline Values relu_backward(const Values& input, const Values& output_gradient) {
  return detail::map(input, output_gradient, [](double x, double dy) { return x > 0 ? dy : 0.0; });
}

inline Values sigmoid(const Values& input) {
  return detail::map(input, detail::logistic);
}

inline Values sigmoid_backward(const Values& input, const Values& output_gradient) {
  return detail::map(input, output_gradient, [](double x, double dy) {
    const double y = detail::logistic(x);
    return dy * y * (1.0 - y);
  });
}

inline Values tanh(const Values& input) {
  return detail::map(input, [](double x) { return std::tanh(x); });
}

inline Values tanh_backward(const Values& input, const Values& output_gradient) {
  return detail::map(input, output_gradient, [](double x, double dy) {
    const double y = std::tanh(x);
    return dy * (1.0 - y * y);
  });
}

inline Values silu(const Values& input) {
  return detail::map(input, [](double x) { return x * detail::logistic(x); });
}

inline Values silu_backward(const Values& input, const Values& output_gradient) {
  return detail::map(input, output_gradient, [](double x, double dy) {
    const double s = detail::logistic(x);
    return dy * (s + x * s * (1.0 - s));
  });
}

/// torch.nn.Dropout in training: what `mask` keeps (1) is divided by 1 - probability, the rest (0)
/// becomes 0. The backward pass is the same function of the output gradient.
inline Values dropout(const Values& input, const Values& mask, double probability) {
  return detail::map(input, mask, [=](double x, double m) { return x * m / (1.0 - probability); });
}

inline Values dropout_backward(const Values& output_gradient, const Values& mask,
                               double probability) {
  return dropout(output_gradient, mask, probability);
}

}  // namespace reference
