// SPDX-License-Identifier: MIT
#pragma once
// What every trainer does around its own step: open or resume a run folder, read the data, keep
// checkpoints and metrics, run the loop, and say how it ended.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lamina/data/fashion_mnist.hpp"
#include "lamina/train/loop.hpp"
#include "lamina/train/metrics.hpp"
#include "lamina/train/run_folder.hpp"

#include "common/host_states.hpp"
#include "common/learner.hpp"
#include "common/options.hpp"

namespace examples {

/// A folder and the settings of the run in it. A folder in which nothing was written, since the run
/// could not begin, goes again.
struct OpenRun {
  lamina::train::RunFolder folder;
  std::unique_ptr<lamina::train::Settings> settings;

  OpenRun(lamina::train::RunFolder in, const std::string& program, const TrainerOptions& options);
  OpenRun(OpenRun&&) noexcept;
  ~OpenRun();
};

/// A new folder named after the program and model, or the one of an earlier run, whose settings the
/// options adopt; where its `schedule` depends on the length of the run, that must be as it was.
/// errors run: as TrainerOptions::require_devices, before anything is written
OpenRun open_run(TrainerOptions& options, const CommandLine& line, const std::string& model,
                 const ScheduleOptions& schedule = {});

/// Fashion-MNIST as the options want it.
lamina::datasets::FashionMnist load_data(const TrainerOptions& options);

/// The first lines of a run.
void say_start(const std::string& title, const TrainerOptions& options,
               const lamina::datasets::FashionMnist& data);

/// What a trainer does around the steps of its learner.
struct TrainingHooks {
  /// Returns the row of metrics behind the epoch.
  std::function<std::vector<double>(std::int64_t epoch, const lamina::train::EpochTime& time)>
      end_of_epoch;
  /// Of each step, where it changes over the run. Asked for by several threads where there are several devices.
  std::function<float(std::int64_t step)> learning_rate = {};
  /// Sees the figures of a step, if they were taken, and returns those to show.
  std::function<lamina::train::Figures(const lamina::train::Figures&)> after_step =
      [](const lamina::train::Figures& figures) { return figures; };
  std::int64_t figures_every = 50;  ///< steps, on a device
};

/// A run in progress: where it stands, its checkpoint and its metrics.
class TrainingRun {
 public:
  /// `states` are what the trainer's learner needs to go on; `metric_names` come behind the epoch in
  /// metrics.csv. Restores all of it when resuming.
  TrainingRun(const TrainerOptions& options, const OpenRun& run, HostStates& states,
              std::vector<std::string> metric_names);

  TrainingRun(const TrainingRun&) = delete;
  TrainingRun& operator=(const TrainingRun&) = delete;

  const lamina::train::Position& position() const { return at_; }
  const lamina::train::MetricsTable& metrics() const { return metrics_.table(); }

  /// Another table with a row every few steps, whose first column is the step.
  lamina::train::MetricsFile step_metrics(const std::string& file,
                                          std::vector<std::string> names) const;

  /// Steps of the whole run.
  std::int64_t steps(std::size_t images) const;

  /// Trains to the end or to Ctrl-C.
  /// errors run: Diverged, with the last checkpoint kept
  template <class Image>
  void train(Learner<Image>& learner, const lamina::Dataset<Image>& data, lamina::PixelRange range,
             const TrainingHooks& hooks) {
    const lamina::train::LoopOptions loop{
        .epochs = options_.epochs,
        .steps = options_.steps,
        .batch_size = static_cast<std::size_t>(options_.batch_size),
        .seed = lamina::Seed{options_.seed},
        .range = range};
    end_ = learner.learn(data, {.options = loop,
                                .at = at_,
                                .interrupt = interrupt_,
                                .figures_every = hooks.figures_every,
                                .learning_rate = hooks.learning_rate,
                                .after_step = hooks.after_step,
                                .end_of_epoch =
                                    [&](std::int64_t epoch, const lamina::train::EpochTime& time) {
                                      record(epoch, hooks.end_of_epoch(epoch, time));
                                    },
                                .save = [&] { save_checkpoint(); },
                                .devices = static_cast<std::size_t>(options_.devices)});
  }

  bool interrupted() const { return end_ == lamina::train::LoopEnd::interrupted; }

  /// Says where the results are and returns the program's exit code.
  int finish() const;

 private:
  lamina::train::MetricsFile open(std::vector<std::string> names);
  void record(std::int64_t epoch, std::vector<double> row);
  void save_checkpoint() const;

  const TrainerOptions& options_;
  const lamina::train::RunFolder& folder_;
  lamina::train::Position at_;
  lamina::train::InterruptGuard interrupt_;
  lamina::train::LoopEnd end_ = lamina::train::LoopEnd::finished;
  bool resumed_ = false;
  HostStates& states_;
  lamina::train::MetricsFile metrics_;
};

/// Writes a trained model, or several with prefixes, in PyTorch's format.
void save_trained(const std::filesystem::path& file, const HostStates::States& states);

}  // namespace examples
