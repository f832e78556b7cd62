// SPDX-License-Identifier: MIT
#pragma once
// Learning rates over time, as functions of the step (or epoch) counted from 0. Use:
// adam.set_learning_rate(schedule(step)).

#include <cmath>
#include <cstdint>
#include <numbers>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

/// The same rate always (torch's ConstantLR with factor 1).
struct ConstantLR {
  float base = 1e-3F;
  float operator()(std::int64_t) const { return base; }
};

/// base * gamma^floor(step / step_size) (torch.optim.lr_scheduler.StepLR).
struct StepLR {
  float base = 1e-3F;
  std::int64_t step_size = 1;
  float gamma = 0.1F;
  /// errors run: step_size < 1
  float operator()(std::int64_t step) const {
    require(step_size >= 1, "StepLR needs a step size of at least 1, got ", step_size);
    return static_cast<float>(static_cast<double>(base) *
                              std::pow(static_cast<double>(gamma), step / step_size));
  }
};

/// least + (base - least) * (1 + cos(pi * step / period)) / 2
/// (torch.optim.lr_scheduler.CosineAnnealingLR with T_max = period, eta_min = least).
/// ref  Loshchilov & Hutter 2017, arXiv:1608.03983
struct CosineAnnealingLR {
  float base = 1e-3F;
  std::int64_t period = 1;
  float least = 0.0F;
  /// errors run: period < 1
  float operator()(std::int64_t step) const {
    require(period >= 1, "CosineAnnealingLR needs a period of at least 1, got ", period);
    const double turn = std::numbers::pi * static_cast<double>(step) / static_cast<double>(period);
    const auto low = static_cast<double>(least);
    return static_cast<float>(low +
                              (static_cast<double>(base) - low) * (1.0 + std::cos(turn)) / 2.0);
  }
};

}  // namespace lamina::inline LAMINA_ISA
