// SPDX-License-Identifier: MIT
#pragma once
// An exponential moving average of a model's parameters.

#include <algorithm>
#include <cstdint>
#include <utility>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/core/memory.hpp"
#include "lamina/model/named_tensor.hpp"
#include "lamina/optim/optimiser_state.hpp"

namespace lamina::inline LAMINA_ISA {

/// average += (1 - decay) * (parameters - average) with each update (torch.optim.swa_utils'
/// AveragedModel with an EMA). In the first updates the decay is smaller, (1 + n) / (10 + n), so that
/// the start is forgotten soon. The model must outlive it.
/// errors run: a decay outside [0, 1)
template <class B>
class Ema {
 public:
  Ema(Parameters<B> parameters, float decay)
      : parameters_(std::move(parameters)), decay_(decay), average_(parameters_.values.size()) {
    require(decay >= 0.0F && decay < 1.0F, "an average takes a decay in [0, 1), got ", decay);
    B::copy(average_.size(), parameters_.values.data(), average_.data());
  }

  /// After each step of the optimiser.
  void update() {
    const auto n = static_cast<float>(updates_++);
    const float decay = (std::min)(decay_, (1.0F + n) / (10.0F + n));
    B::move_towards(average_.size(), 1.0F - decay, parameters_.values.data(), average_.data());
  }

  /// Exchanges the model's parameters and the average: once to use the average, once more to go on.
  void swap() { B::swap(average_.size(), parameters_.values.data(), average_.data()); }

  /// What a checkpoint keeps.
  State<B> state() {
    State<B> state{{}, {{"updates", &updates_}}};
    impl::add_optimiser_tensors(state, parameters_, "average", average_.data());
    return state;
  }

 private:
  Parameters<B> parameters_;
  float decay_;
  Memory<B> average_;
  std::int64_t updates_ = 0;
};

}  // namespace lamina::inline LAMINA_ISA
