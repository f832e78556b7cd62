// SPDX-License-Identifier: MIT
#pragma once
// torch.nn.GroupNorm: y = (x - mean) / sqrt(var + eps) * weight + bias, mean and biased variance of
// each image over each group of channels; weight and bias are one value a channel.

#include <cmath>
#include <cstddef>

#include "reference/values.hpp"

namespace reference {

inline constexpr double group_norm_epsilon = 1e-5;

/// (N, C, H, W); vectors have height = width = 1.
struct GroupNorm {
  int batch = 1, channels = 1, height = 1, width = 1;
  int groups = 1;

  Extents4 input() const { return {batch, channels, height, width}; }
  std::size_t pixels() const { return static_cast<std::size_t>(height * width); }
  /// How many values are averaged; they lie one after the other.
  std::size_t count() const { return pixels() * static_cast<std::size_t>(channels / groups); }
};

namespace detail {

struct GroupMoments {
  double mean = 0.0, scale = 0.0;  ///< scale = 1 / sqrt(var + eps)
};

/// Of the group that begins at this offset.
inline GroupMoments group_moments(const GroupNorm& s, const Values& input, std::size_t first) {
  const auto n = static_cast<double>(s.count());
  double mean = 0.0, variance = 0.0;
  for (std::size_t i = first; i < first + s.count(); ++i)
    mean += input[i] / n;
  for (std::size_t i = first; i < first + s.count(); ++i)
    variance += (input[i] - mean) * (input[i] - mean) / n;
  return {mean, 1.0 / std::sqrt(variance + group_norm_epsilon)};
}

inline std::size_t channel_of(const GroupNorm& s, std::size_t offset) {
  return offset / s.pixels() % static_cast<std::size_t>(s.channels);
}

}  // namespace detail

inline Values group_norm(const GroupNorm& s, const Values& input, const Values& weight,
                         const Values& bias) {
  expect_size(input, s.input().size(), "group_norm input");
  Values output(input.size());
  for (std::size_t first = 0; first < input.size(); first += s.count()) {
    const detail::GroupMoments m = detail::group_moments(s, input, first);
    for (std::size_t i = first; i < first + s.count(); ++i) {
      const std::size_t c = detail::channel_of(s, i);
      output[i] = (input[i] - m.mean) * m.scale * weight.at(c) + bias.at(c);
    }
  }
  return output;
}

/// With x^ the normalised input: dx = scale * (w dy - mean(w dy) - x^ mean(w dy x^)).
inline Gradients group_norm_backward(const GroupNorm& s, const Values& input, const Values& weight,
                                     const Values& output_gradient) {
  expect_size(output_gradient, s.input().size(), "group_norm output gradient");
  const auto channels = static_cast<std::size_t>(s.channels);
  const auto n = static_cast<double>(s.count());
  Gradients g{Values(input.size()), Values(channels), Values(channels)};
  for (std::size_t first = 0; first < input.size(); first += s.count()) {
    const detail::GroupMoments m = detail::group_moments(s, input, first);
    double mean = 0.0, mean_product = 0.0;
    for (std::size_t i = first; i < first + s.count(); ++i) {
      const std::size_t c = detail::channel_of(s, i);
      const double normalised = (input[i] - m.mean) * m.scale;
      g.bias[c] += output_gradient[i];
      g.weight[c] += output_gradient[i] * normalised;
      mean += weight.at(c) * output_gradient[i] / n;
      mean_product += weight.at(c) * output_gradient[i] * normalised / n;
    }
    for (std::size_t i = first; i < first + s.count(); ++i) {
      const double normalised = (input[i] - m.mean) * m.scale;
      g.input[i] = m.scale * (weight.at(detail::channel_of(s, i)) * output_gradient[i] - mean -
                              normalised * mean_product);
    }
  }
  return g;
}

}  // namespace reference
