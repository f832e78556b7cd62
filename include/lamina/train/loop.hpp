// SPDX-License-Identifier: MIT
#pragma once
// The loop of a training run: epochs of steps over shuffled batches, with progress, that can be
// stopped after any step and goes on later as if it had never been stopped.

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/core/random.hpp"
#include "lamina/core/replica.hpp"
#include "lamina/data/batches.hpp"
#include "lamina/train/interrupt.hpp"
#include "lamina/train/progress.hpp"

namespace lamina::inline LAMINA_ISA::train {

/// Where a run stands; part of its checkpoint.
struct Position {
  std::int64_t epoch = 0;         ///< epochs done
  std::int64_t batch = 0;         ///< batches done in the epoch after them
  std::int64_t step = 0;          ///< steps done in the whole run
  std::int64_t microseconds = 0;  ///< spent on training in the unfinished epoch
};

struct LoopOptions {
  std::int64_t epochs = 10;
  std::int64_t steps = 0;  ///< ends the run after so many steps, in whatever epoch; 0: does not
  std::size_t batch_size = 128;
  Seed seed{};
  PixelRange range = PixelRange::unit;
  ProgressOutput progress{};
  Replica* replica = nullptr;  ///< on a device: whose shard of each batch this run is about
};

/// What an epoch took, without evaluation.
struct EpochTime {
  double seconds;
  double images_per_second;
};

enum class LoopEnd { finished, interrupted };

/// A loss that is no longer a number: the run cannot go on.
class Diverged : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace detail {

inline Figures as_figures(double loss) {
  return {{"loss", loss}};
}
inline Figures as_figures(Figures figures) {
  return figures;
}

/// Whether somebody asked to stop, which the first of several replicas sees for all of them.
inline bool asked_to_stop(const InterruptGuard& interrupt, Replica* replica) {
  if (replica == nullptr) return interrupt.requested();
  double asked = replica->rank() == 0 && interrupt.requested() ? 1.0 : 0.0;
  replica->sum({&asked, 1});
  return asked > 0.0;
}

/// Figures averaged over the steps so far that gave some.
class MeanFigures {
 public:
  void add(const Figures& figures) {
    if (figures.empty()) return;
    ++steps_;
    if (sums_.empty()) {
      sums_ = figures;
      return;
    }
    for (std::size_t i = 0; i < sums_.size(); ++i)
      sums_[i].value += figures[i].value;
  }

  Figures values() const {
    Figures means = sums_;
    for (Figure& figure : means)
      figure.value /= static_cast<double>(steps_);
    return means;
  }

 private:
  Figures sums_;
  std::int64_t steps_ = 0;
};

}  // namespace detail

/// Runs from `at` to the end of the last epoch, with batches on backend B.
///   step(batch)          one training step on batch.images; returns the loss, or several Figures,
///                        whose means over the epoch are shown, or none where it did not ask for them
///   end_of_epoch(epoch, time)  evaluates and records; `epoch` counts from 1
///   save()               writes a checkpoint that includes `at`; called after each epoch, and when
///                        the run is interrupted
/// Several replicas make the same steps and stop behind the same one.
/// errors run: Diverged when a loss is NaN or infinite, before anything is saved
template <class B = Cpu, class Image, class Step, class EndOfEpoch, class Save>
LoopEnd run_epochs(const Dataset<Image>& data, const LoopOptions& options, Position& at,
                   const InterruptGuard& interrupt, Step&& step, EndOfEpoch&& end_of_epoch,
                   Save&& save) {
  using Clock = std::chrono::steady_clock;
  auto batches = Batches<Image, B>(data, options.batch_size, Shuffle{options.seed, at.epoch},
                                   options.range, {.replica = options.replica});
  const auto count = static_cast<std::int64_t>(batches.count());
  while (at.epoch < options.epochs && (options.steps == 0 || at.step < options.steps)) {
    if (at.batch < count) {
      const auto epochs_left = static_cast<std::size_t>(options.epochs - at.epoch - 1);
      ProgressBar progress(
          "epoch " + std::to_string(at.epoch + 1) + "/" + std::to_string(options.epochs),
          data.size(), epochs_left * data.size(), options.progress);
      batches.restart(Shuffle{options.seed, at.epoch}, static_cast<std::size_t>(at.batch));
      detail::MeanFigures means;
      std::size_t images_done = static_cast<std::size_t>(at.batch) * options.batch_size;
      auto before = Clock::now();
      for (const auto& batch : batches) {
        const Figures figures = detail::as_figures(step(batch));
        for (const auto& [name, value] : figures)
          if (!std::isfinite(value))
            throw Diverged(sentence("the ", name, " became ",
                                    std::isnan(value) ? "NaN" : "infinite", " in epoch ",
                                    at.epoch + 1, ", step ", at.batch + 1,
                                    "; the run was stopped and the last checkpoint kept. "
                                    "Try a lower learning rate"));
        means.add(figures);
        ++at.batch;
        ++at.step;
        const auto now = Clock::now();
        at.microseconds +=
            std::chrono::duration_cast<std::chrono::microseconds>(now - before).count();
        before = now;
        images_done += batch.images.shard().total;
        progress.update(images_done, means.values());
        const bool enough = options.steps > 0 && at.step >= options.steps;
        if (enough || detail::asked_to_stop(interrupt, options.replica)) {
          save();
          return enough ? LoopEnd::finished : LoopEnd::interrupted;
        }
      }
      progress.finish(means.values());
    }
    const double seconds = static_cast<double>(at.microseconds) * 1e-6;
    end_of_epoch(at.epoch + 1, EpochTime{seconds, static_cast<double>(data.size()) / seconds});
    ++at.epoch;
    at.batch = 0;
    at.microseconds = 0;
    save();
    if (at.epoch < options.epochs && detail::asked_to_stop(interrupt, options.replica))
      return LoopEnd::interrupted;
  }
  return LoopEnd::finished;
}

}  // namespace lamina::inline LAMINA_ISA::train
