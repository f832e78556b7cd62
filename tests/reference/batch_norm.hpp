// SPDX-License-Identifier: MIT
#pragma once
// torch.nn.BatchNorm1d and BatchNorm2d: y = (x - mean) / sqrt(var + eps) * weight + bias, mean and
// variance per channel. Training takes them from the batch (biased variance) and moves the running
// statistics (unbiased variance); evaluation takes the running statistics.

#include <cmath>
#include <stdexcept>

#include "reference/conv2d.hpp"
#include "reference/values.hpp"

namespace reference {

inline constexpr double batch_norm_epsilon = 1e-5;
inline constexpr double batch_norm_momentum = 0.1;

/// (N, C, H, W); BatchNorm1d is height = width = 1.
struct BatchNorm {
  int batch = 1, channels = 1, height = 1, width = 1;

  Extents4 input() const { return {batch, channels, height, width}; }
  /// How many values are averaged for a channel.
  int count() const { return batch * height * width; }
};

/// One value a channel. `variance` is the biased one of a batch, or the running one.
struct Moments {
  Values mean, variance;
};

inline Moments batch_moments(const BatchNorm& s, const Values& input) {
  expect_size(input, s.input().size(), "batch_norm input");
  const auto channels = static_cast<std::size_t>(s.channels);
  Moments m{Values(channels), Values(channels)};
  detail::for_each_pixel(s.input(),
                         [&](std::size_t c, std::size_t i) { m.mean[c] += input[i] / s.count(); });
  detail::for_each_pixel(s.input(), [&](std::size_t c, std::size_t i) {
    m.variance[c] += (input[i] - m.mean[c]) * (input[i] - m.mean[c]) / s.count();
  });
  return m;
}

namespace detail {

inline Values normalise(const BatchNorm& s, const Moments& m, const Values& input,
                        const Values& weight, const Values& bias) {
  expect_size(input, s.input().size(), "batch_norm input");
  Values output(input.size());
  for_each_pixel(s.input(), [&](std::size_t c, std::size_t i) {
    output[i] = (input[i] - m.mean[c]) / std::sqrt(m.variance[c] + batch_norm_epsilon) * weight[c] +
                bias[c];
  });
  return output;
}

}  // namespace detail

inline Values batch_norm_eval(const BatchNorm& s, const Moments& running, const Values& input,
                              const Values& weight, const Values& bias) {
  return detail::normalise(s, running, input, weight, bias);
}

/// Also moves `running` towards the batch: r = (1 - momentum) r + momentum * batch.
inline Values batch_norm_train(const BatchNorm& s, Moments& running, const Values& input,
                               const Values& weight, const Values& bias) {
  if (s.count() < 2) {
    throw std::invalid_argument("reference: batch_norm needs two values a channel in training");
  }
  const Moments m = batch_moments(s, input);
  const double unbiased = static_cast<double>(s.count()) / (s.count() - 1);
  for (std::size_t c = 0; c < m.mean.size(); ++c) {
    running.mean[c] += batch_norm_momentum * (m.mean[c] - running.mean[c]);
    running.variance[c] += batch_norm_momentum * (m.variance[c] * unbiased - running.variance[c]);
  }
  return detail::normalise(s, m, input, weight, bias);
}

/// Evaluation is linear in the input: the statistics are constants.
inline Gradients batch_norm_eval_backward(const BatchNorm& s, const Moments& running,
                                          const Values& input, const Values& weight,
                                          const Values& output_gradient) {
  const auto channels = static_cast<std::size_t>(s.channels);
  Gradients g{Values(input.size()), Values(channels), Values(channels)};
  detail::for_each_pixel(s.input(), [&](std::size_t c, std::size_t i) {
    const double scale = 1.0 / std::sqrt(running.variance[c] + batch_norm_epsilon);
    g.bias[c] += output_gradient[i];
    g.weight[c] += output_gradient[i] * (input[i] - running.mean[c]) * scale;
    g.input[i] = output_gradient[i] * weight[c] * scale;
  });
  return g;
}

/// With x^ the normalised input and M values a channel:
/// dx = weight / sqrt(var + eps) * (dy - mean(dy) - x^ mean(dy x^)).
inline Gradients batch_norm_train_backward(const BatchNorm& s, const Values& input,
                                           const Values& weight, const Values& output_gradient) {
  const Moments m = batch_moments(s, input);
  Gradients g = batch_norm_eval_backward(s, m, input, weight, output_gradient);
  detail::for_each_pixel(s.input(), [&](std::size_t c, std::size_t i) {
    const double scale = 1.0 / std::sqrt(m.variance[c] + batch_norm_epsilon);
    const double normalised = (input[i] - m.mean[c]) * scale;
    g.input[i] -= weight[c] * scale * (g.bias[c] + normalised * g.weight[c]) / s.count();
  });
  return g;
}

}  // namespace reference
