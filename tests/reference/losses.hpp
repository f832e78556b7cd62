// SPDX-License-Identifier: MIT
#pragma once
// Losses as in torch.nn.functional: a value over all elements, mean or sum, and its gradient with
// respect to the prediction.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "reference/activations.hpp"
#include "reference/values.hpp"

namespace reference {

enum class Reduction { mean, sum };

struct Loss {
  double value = 0.0;
  Values gradient;
};

namespace detail {

/// Sums value(p, t) and collects derivative(p, t); a mean divides both by the number of elements.
template <class Value, class Derivative>
Loss reduce(const Values& prediction, const Values& target, Reduction reduction, Value value,
            Derivative derivative) {
  expect_size(target, prediction.size(), "loss target");
  const double scale =
      reduction == Reduction::mean ? 1.0 / static_cast<double>(prediction.size()) : 1.0;
  Loss loss{0.0, Values(prediction.size())};
  for (std::size_t i = 0; i < prediction.size(); ++i) {
    loss.value += scale * value(prediction[i], target[i]);
    loss.gradient[i] = scale * derivative(prediction[i], target[i]);
  }
  return loss;
}

}  // namespace detail

inline Loss mse_loss(const Values& prediction, const Values& target,
                     Reduction reduction = Reduction::mean) {
  return detail::reduce(
      prediction, target, reduction, [](double p, double t) { return (p - t) * (p - t); },
      [](double p, double t) { return 2.0 * (p - t); });
}

/// -t log p - (1 - t) log(1 - p), each logarithm no smaller than -100. At p = 0 and p = 1 the
/// gradient is PyTorch's, (p - t) / max(p (1 - p), 1e-12f), not the clamped value's derivative.
inline Loss binary_cross_entropy(const Values& prediction, const Values& target,
                                 Reduction reduction = Reduction::mean) {
  const auto clamped_log = [](double p) { return (std::max)(std::log(p), -100.0); };
  return detail::reduce(
      prediction, target, reduction,
      [=](double p, double t) { return -t * clamped_log(p) - (1.0 - t) * clamped_log(1.0 - p); },
      [](double p, double t) { return (p - t) / (std::max)(p * (1.0 - p), double{1e-12f}); });
}

/// The same loss of sigmoid(x), in the form that neither overflows nor cancels:
/// max(x, 0) - x t + log(1 + exp(-|x|)).
inline Loss binary_cross_entropy_with_logits(const Values& prediction, const Values& target,
                                             Reduction reduction = Reduction::mean) {
  return detail::reduce(
      prediction, target, reduction,
      [](double x, double t) {
        return (std::max)(x, 0.0) - x * t + std::log1p(std::exp(-std::abs(x)));
      },
      [](double x, double t) { return detail::logistic(x) - t; });
}

/// (p - t)^2 / 2 with p = sigmoid(x).
inline Loss half_squared_error_of_logit(const Values& prediction, const Values& target,
                                        Reduction reduction = Reduction::mean) {
  return detail::reduce(
      prediction, target, reduction,
      [](double x, double t) { return 0.5 * std::pow(detail::logistic(x) - t, 2); },
      [](double x, double t) {
        const double p = detail::logistic(x);
        return (p - t) * p * (1.0 - p);
      });
}

/// -t x.
inline Loss wasserstein(const Values& prediction, const Values& target,
                        Reduction reduction = Reduction::mean) {
  return detail::reduce(
      prediction, target, reduction, [](double x, double t) { return -t * x; },
      [](double, double t) { return -t; });
}

/// max(0, 1 - t x).
inline Loss hinge(const Values& prediction, const Values& target,
                  Reduction reduction = Reduction::mean) {
  return detail::reduce(
      prediction, target, reduction,
      [](double x, double t) { return (std::max)(0.0, 1.0 - t * x); },
      [](double x, double t) { return t * x < 1.0 ? -t : 0.0; });
}

/// log(sum over k of exp(x_k)) - x_label of logits (N, K), over the images.
inline Loss cross_entropy(const Values& logits, const std::vector<std::uint8_t>& labels,
                          Reduction reduction = Reduction::mean) {
  const std::size_t images = labels.size(), classes = logits.size() / images;
  expect_size(logits, images * classes, "cross_entropy logits");
  const double scale = reduction == Reduction::mean ? 1.0 / static_cast<double>(images) : 1.0;
  Loss loss{0.0, Values(logits.size())};
  for (std::size_t n = 0; n < images; ++n) {
    const std::size_t first = n * classes, right = first + labels[n];
    double largest = logits[first], sum = 0.0;
    for (std::size_t i = first; i < first + classes; ++i)
      largest = (std::max)(largest, logits[i]);
    for (std::size_t i = first; i < first + classes; ++i)
      sum += std::exp(logits[i] - largest);
    loss.value += scale * (std::log(sum) + largest - logits.at(right));
    for (std::size_t i = first; i < first + classes; ++i)
      loss.gradient[i] = scale * (std::exp(logits[i] - largest) / sum - (i == right ? 1.0 : 0.0));
  }
  return loss;
}

}  // namespace reference
