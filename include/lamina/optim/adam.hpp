// SPDX-License-Identifier: MIT
#pragma once
// Adam and AdamW.

#include <cmath>
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

/// PyTorch's defaults for Adam.
struct AdamOptions {
  float learning_rate = 1e-3F;
  float beta1 = 0.9F;
  float beta2 = 0.999F;
  float epsilon = 1e-8F;
  float weight_decay = 0.0F;  ///< added to the gradient
};

/// PyTorch's defaults for AdamW.
struct AdamWOptions {
  float learning_rate = 1e-3F;
  float beta1 = 0.9F;
  float beta2 = 0.999F;
  float epsilon = 1e-8F;
  float weight_decay = 1e-2F;  ///< taken off the values, apart from the gradient
};

namespace impl {

enum class Decay { in_gradient, decoupled };

/// What Adam and AdamW share. The model must outlive the optimiser.
template <class B, class Options, Decay Where>
class AdamFamily {
 public:
  explicit AdamFamily(Parameters<B> parameters, Options options = {})
      : parameters_(std::move(parameters)),
        options_(options),
        first_moment_(parameters_.values.size()),
        second_moment_(parameters_.values.size()) {
    require(
        options.learning_rate >= 0.0F && options.epsilon >= 0.0F && options.weight_decay >= 0.0F,
        "Adam takes a learning rate, epsilon and weight decay of at least 0, got ",
        options.learning_rate, ", ", options.epsilon, " and ", options.weight_decay);
    require(options.beta1 >= 0.0F && options.beta1 < 1.0F && options.beta2 >= 0.0F &&
                options.beta2 < 1.0F,
            "Adam takes betas in [0, 1), got ", options.beta1, " and ", options.beta2);
  }

  void step() {
    ++steps_;
    const auto t = static_cast<double>(steps_);
    const double correction1 = 1.0 - std::pow(static_cast<double>(options_.beta1), t);
    const double correction2 = 1.0 - std::pow(static_cast<double>(options_.beta2), t);
    const bool decoupled = Where == Decay::decoupled;
    B::adam(
        parameters_.values.size(),
        {.step_size = static_cast<float>(static_cast<double>(options_.learning_rate) / correction1),
         .beta1 = options_.beta1,
         .beta2 = options_.beta2,
         .epsilon = options_.epsilon,
         .second_correction = static_cast<float>(1.0 / std::sqrt(correction2)),
         .weight_decay = decoupled ? 0.0F : options_.weight_decay,
         .shrink = decoupled ? 1.0F - options_.learning_rate * options_.weight_decay : 1.0F},
        parameters_.gradients.data(), first_moment_.data(), second_moment_.data(),
        parameters_.values.data());
  }

  float learning_rate() const { return options_.learning_rate; }
  void set_learning_rate(float value) { options_.learning_rate = value; }

  /// What a checkpoint keeps: both moments of each tensor and the number of steps.
  State<B> state() {
    State<B> state{{}, {{"step", &steps_}}};
    add_optimiser_tensors(state, parameters_, "exp_avg", first_moment_.data());
    add_optimiser_tensors(state, parameters_, "exp_avg_sq", second_moment_.data());
    return state;
  }

 private:
  Parameters<B> parameters_;
  Options options_;
  Memory<B> first_moment_;
  Memory<B> second_moment_;
  std::int64_t steps_ = 0;
};

}  // namespace impl

/// Adam (torch.optim.Adam): `Adam adam{model.parameters(), {.learning_rate = 1e-3F}};`
/// errors run: a negative rate, epsilon or decay, a beta outside [0, 1)
/// ref  Kingma & Ba 2015, arXiv:1412.6980
template <class B>
class Adam : public impl::AdamFamily<B, AdamOptions, impl::Decay::in_gradient> {
 public:
  explicit Adam(Parameters<B> parameters, AdamOptions options = {})
      : impl::AdamFamily<B, AdamOptions, impl::Decay::in_gradient>(std::move(parameters), options) {
  }
};

/// Adam with decoupled weight decay (torch.optim.AdamW).
/// errors run: as Adam
/// ref  Loshchilov & Hutter 2019, arXiv:1711.05101
template <class B>
class AdamW : public impl::AdamFamily<B, AdamWOptions, impl::Decay::decoupled> {
 public:
  explicit AdamW(Parameters<B> parameters, AdamWOptions options = {})
      : impl::AdamFamily<B, AdamWOptions, impl::Decay::decoupled>(std::move(parameters), options) {}
};

}  // namespace lamina::inline LAMINA_ISA
