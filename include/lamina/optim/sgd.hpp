// SPDX-License-Identifier: MIT
#pragma once
// Stochastic gradient descent.

#include <cstdint>
#include <string>
#include <utility>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/core/memory.hpp"
#include "lamina/model/named_tensor.hpp"
#include "lamina/optim/optimiser_state.hpp"
#include "lamina/optim/updates.hpp"

namespace lamina::inline LAMINA_ISA {

struct SGDOptions {
  float learning_rate = 1e-3F;
  float momentum = 0.0F;
  float weight_decay = 0.0F;
  bool nesterov = false;
};

/// Stochastic gradient descent with momentum (torch.optim.SGD). The model must outlive it.
/// errors run: a negative number, or Nesterov without momentum
/// ref  Sutskever et al. 2013
template <class B>
class SGD {
 public:
  SGD(Parameters<B> parameters, SGDOptions options)
      : parameters_(std::move(parameters)), options_(options) {
    require(
        options.learning_rate >= 0.0F && options.momentum >= 0.0F && options.weight_decay >= 0.0F,
        "SGD takes a learning rate, momentum and weight decay of at least 0, got ",
        options.learning_rate, ", ", options.momentum, " and ", options.weight_decay);
    require(!options.nesterov || options.momentum > 0.0F, "Nesterov needs a momentum above 0");
    if (options.momentum > 0.0F) velocity_ = Memory<B>(parameters_.values.size());
  }

  void step() {
    B::sgd(parameters_.values.size(),
           {.learning_rate = options_.learning_rate,
            .momentum = options_.momentum,
            .weight_decay = options_.weight_decay,
            .nesterov = options_.nesterov,
            .first_step = steps_ == 0},
           parameters_.gradients.data(), velocity_.data(), parameters_.values.data());
    ++steps_;
  }

  float learning_rate() const { return options_.learning_rate; }
  void set_learning_rate(float value) { options_.learning_rate = value; }

  /// What a checkpoint keeps: the momentum of each tensor and the number of steps.
  State<B> state() {
    State<B> state{{}, {{"step", &steps_}}};
    if (velocity_.size() > 0)
      impl::add_optimiser_tensors(state, parameters_, "momentum_buffer", velocity_.data());
    return state;
  }

 private:
  Parameters<B> parameters_;
  SGDOptions options_;
  Memory<B> velocity_;
  std::int64_t steps_ = 0;
};

}  // namespace lamina::inline LAMINA_ISA
