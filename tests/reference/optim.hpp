// SPDX-License-Identifier: MIT
#pragma once
// torch.optim.SGD, Adam and AdamW on one flat parameter array, and torch.nn.utils.clip_grad_norm_.
// An optimiser holds the state of one array; a model has one for each of its parameters.

#include <algorithm>
#include <cmath>

#include "reference/values.hpp"

namespace reference {

struct SgdOptions {
  double learning_rate = 1e-3, momentum = 0.0, weight_decay = 0.0;
  bool nesterov = false;
};

class Sgd {
 public:
  explicit Sgd(const SgdOptions& options) : options_(options) {}

  void step(Values& parameter, const Values& gradient) {
    expect_size(gradient, parameter.size(), "gradient");
    velocity_.resize(parameter.size());
    for (std::size_t i = 0; i < parameter.size(); ++i) {
      const double g = gradient[i] + options_.weight_decay * parameter[i];
      velocity_[i] = options_.momentum * velocity_[i] + g;
      const double move = options_.nesterov ? g + options_.momentum * velocity_[i] : velocity_[i];
      parameter[i] -= options_.learning_rate * move;
    }
  }

 private:
  SgdOptions options_;
  Values velocity_;
};

/// `decoupled` is AdamW: the decay shrinks the parameter and stays out of the moments.
struct AdamOptions {
  double learning_rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0.0;
  bool decoupled = false;
};

class Adam {
 public:
  explicit Adam(const AdamOptions& options) : options_(options) {}

  void step(Values& parameter, const Values& gradient) {
    expect_size(gradient, parameter.size(), "gradient");
    first_.resize(parameter.size());
    second_.resize(parameter.size());
    ++steps_;
    const AdamOptions& o = options_;
    const double correction1 = 1.0 - std::pow(o.beta1, steps_);
    const double correction2 = 1.0 - std::pow(o.beta2, steps_);
    for (std::size_t i = 0; i < parameter.size(); ++i) {
      double g = gradient[i];
      if (o.decoupled) {
        parameter[i] *= 1.0 - o.learning_rate * o.weight_decay;
      } else {
        g += o.weight_decay * parameter[i];
      }
      first_[i] = o.beta1 * first_[i] + (1.0 - o.beta1) * g;
      second_[i] = o.beta2 * second_[i] + (1.0 - o.beta2) * g * g;
      parameter[i] -= o.learning_rate * (first_[i] / correction1) /
                      (std::sqrt(second_[i] / correction2) + o.epsilon);
    }
  }

 private:
  AdamOptions options_;
  Values first_, second_;
  int steps_ = 0;
};

/// Scales `gradient` (all parameters' gradients, one after the other) so that its Euclidean norm is
/// at most about `max_norm`; returns the norm before. PyTorch adds 1e-6 to the norm it divides by.
inline double clip_grad_norm(Values& gradient, double max_norm) {
  double squares = 0.0;
  for (const double g : gradient)
    squares += g * g;
  const double norm = std::sqrt(squares);
  const double scale = (std::min)(1.0, max_norm / (norm + 1e-6));
  for (double& g : gradient)
    g *= scale;
  return norm;
}

}  // namespace reference
