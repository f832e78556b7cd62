// SPDX-License-Identifier: MIT
#pragma once
// What a trainer trains, on whatever backend it lies: the models and optimisers of one training step. What looks
// at it is plain C++ that knows no backend.

#include <cstddef>
#include <cstdint>
#include <functional>

#include "lamina/data/dataset.hpp"
#include "lamina/train/loop.hpp"

#include "common/host_states.hpp"

namespace examples {

/// A run of lamina::train::run_epochs, and what happens around its steps.
struct TrainingLoop {
  const lamina::train::LoopOptions& options;
  lamina::train::Position& at;
  const lamina::train::InterruptGuard& interrupt;
  /// On a device the figures of every so-manieth step are taken, and of the last one in an epoch.
  std::int64_t figures_every;
  /// Of each step of the run, where it changes. Each device's thread asks for it.
  std::function<float(std::int64_t step)> learning_rate;
  /// Sees the figures of a step, if they were taken, and returns those to show.
  std::function<lamina::train::Figures(const lamina::train::Figures&)> after_step;
  std::function<void(std::int64_t, const lamina::train::EpochTime&)> end_of_epoch;
  std::function<void()> save;
  /// What happens around the steps does so on the first of them, in the caller's thread. The CPU is one.
  std::size_t devices = 1;
};

template <class Image>
class Learner {
 public:
  Learner() = default;
  Learner(const Learner&) = delete;
  Learner& operator=(const Learner&) = delete;
  virtual ~Learner() = default;

  /// errors run: as run_epochs and data_parallel
  virtual lamina::train::LoopEnd learn(const lamina::Dataset<Image>& data,
                                       const TrainingLoop& loop) = 0;

  /// All that a run needs to go on.
  HostStates& states() { return states_; }

 private:
  HostStates states_;
};

}  // namespace examples
