// SPDX-License-Identifier: MIT
#pragma once
// What every trainer does around its own step: open or resume a run folder, read the data, keep
// checkpoints and metrics, run the loop, and say how it ended.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "lamina/data/fashion_mnist.hpp"
#include "lamina/io/state_file.hpp"
#include "lamina/train/loop.hpp"
#include "lamina/train/metrics.hpp"
#include "lamina/train/run_folder.hpp"
#include "lamina/train/settings.hpp"

#include "common/machine.hpp"
#include "common/numbers.hpp"
#include "common/options.hpp"
#include "common/run_program.hpp"

namespace examples {

/// What tells the runs of one program from those of another.
inline lamina::train::Settings name_settings(const std::string& program) {
  lamina::train::Settings settings;
  settings.set("program", program);
  settings.set("machine", describe_machine());
  return settings;
}

/// A folder and the settings of the run in it.
struct OpenRun {
  lamina::train::RunFolder folder;
  lamina::train::Settings settings;
};

/// A new folder named after the program and model, or the one of an earlier run, whose settings the options
/// adopt; then also `must_stay`, options that may change otherwise, must be as they were.
inline OpenRun open_run(TrainerOptions& options, const CLI::App& app, const std::string& model = "",
                        const std::vector<std::string>& must_stay = {}) {
  const std::string name = app.get_name();
  using lamina::train::RunFolder;
  using lamina::train::Settings;
  if (options.threads > 0) lamina::set_num_threads(options.threads);
  if (options.resume) {
    if (options.out.empty()) throw UsageError("--resume needs --out, the folder of the run");
    RunFolder folder = RunFolder::resume(options.out);
    const auto before = Settings::read(folder / RunFolder::settings_name);
    before.require_same(name_settings(name), {"program"});
    options.remembered.adopt(before, app);
    before.require_same(options.remembered.settings(), must_stay);
    OpenRun run{std::move(folder), name_settings(name)};
    run.settings.add(options.remembered.settings());
    run.settings.write(run.folder / RunFolder::settings_name);
    return run;
  }
  OpenRun run{options.out.empty() ? RunFolder::create(model.empty() ? name : name + "-" + model)
                                  : RunFolder::create_at(options.out),
              name_settings(name)};
  run.settings.add(options.remembered.settings());
  run.settings.write(run.folder / RunFolder::settings_name);
  return run;
}

/// Fashion-MNIST as the options want it.
inline lamina::datasets::FashionMnist load_data(const TrainerOptions& options) {
  auto data = lamina::datasets::fashion_mnist(options.data);
  if (options.limit > 0) data.train = data.train.first(static_cast<std::size_t>(options.limit));
  return data;
}

/// The first lines of a run.
inline void say_start(const std::string& title, const lamina::datasets::FashionMnist& data) {
  std::cout << title << " on " << data.name() << " (" << data.train.size() << " + "
            << data.test.size() << " images)\n"
            << describe_machine() << '\n';
}

/// A run in progress: where it stands, its checkpoint and its metrics.
class TrainingRun {
 public:
  /// `states` and `counters` are what the trainer's models and optimisers need to go on;
  /// `metric_names` come behind the epoch in metrics.csv. Restores all of it when resuming.
  TrainingRun(const TrainerOptions& options, const OpenRun& run,
              std::vector<lamina::PrefixedState<lamina::Cpu>> states,
              std::vector<lamina::NamedCounter> counters, std::vector<std::string> metric_names)
      : options_{options},
        folder_{run.folder},
        states_{std::move(states)},
        metrics_{open(std::move(counters), std::move(metric_names))} {}

  TrainingRun(const TrainingRun&) = delete;
  TrainingRun& operator=(const TrainingRun&) = delete;

  const lamina::train::Position& position() const { return at_; }
  const lamina::train::MetricsTable& metrics() const { return metrics_.table(); }

  /// Another table with a row every few steps, whose first column is the step.
  lamina::train::MetricsFile step_metrics(const std::string& file,
                                          std::vector<std::string> names) const {
    names.insert(names.begin(), "step");
    if (!resumed_) return {folder_ / file, std::move(names)};
    return lamina::train::MetricsFile::resume(folder_ / file, std::move(names),
                                              static_cast<double>(at_.step));
  }

  /// Steps of the whole run.
  std::int64_t steps(std::size_t images) const {
    const auto batch = static_cast<std::size_t>(options_.batch_size);
    const auto all = options_.epochs * static_cast<std::int64_t>((images + batch - 1) / batch);
    return options_.steps > 0 ? (std::min)(options_.steps, all) : all;
  }

  /// Trains to the end or to Ctrl-C. step(batch) returns a loss or Figures; end_of_epoch(epoch, time)
  /// the row of metrics behind the epoch.
  template <class Image, class Step, class EndOfEpoch>
  lamina::train::LoopEnd train(const lamina::Dataset<Image>& data, lamina::PixelRange range,
                               Step&& step, EndOfEpoch&& end_of_epoch) {
    const lamina::train::LoopOptions loop{
        .epochs = options_.epochs,
        .steps = options_.steps,
        .batch_size = static_cast<std::size_t>(options_.batch_size),
        .seed = lamina::Seed{options_.seed},
        .range = range};
    end_ = lamina::train::run_epochs(
        data, loop, at_, interrupt_, std::forward<Step>(step),
        [&](std::int64_t epoch, const lamina::train::EpochTime& time) {
          std::vector<double> row = end_of_epoch(epoch, time);
          row.insert(row.begin(), static_cast<double>(epoch));
          metrics_.append(row);
          say(row);
        },
        [&] { lamina::save_states<lamina::Cpu>(folder_ / checkpoint_name, states_); });
    return end_;
  }

  bool interrupted() const { return end_ == lamina::train::LoopEnd::interrupted; }

  /// Says where the results are and returns the program's exit code.
  int finish() const {
    if (interrupted()) {
      std::cout << "interrupted in epoch " << at_.epoch + 1 << " after " << at_.step
                << " steps; all is saved. Go on with: --resume --out " << folder_.path().string()
                << '\n';
      return 128 + interrupt_.signal();
    }
    std::cout << "the results are in " << (folder_ / "report.html").string() << '\n';
    return 0;
  }

 private:
  static constexpr const char* checkpoint_name = "checkpoint.safetensors";

  lamina::train::MetricsFile open(std::vector<lamina::NamedCounter> counters,
                                  std::vector<std::string> names) {
    for (const auto& [name, value] :
         {std::pair{"epoch", &at_.epoch}, std::pair{"batch", &at_.batch},
          std::pair{"step", &at_.step}, std::pair{"microseconds", &at_.microseconds}})
      counters.push_back({name, value});
    states_.push_back({"run.", {{}, std::move(counters)}});
    names.insert(names.begin(), "epoch");
    const auto checkpoint = folder_ / checkpoint_name;
    resumed_ = options_.resume && std::filesystem::exists(checkpoint);
    if (!resumed_) return {folder_ / "metrics.csv", std::move(names)};
    lamina::load_states<lamina::Cpu>(checkpoint, states_);
    std::cout << "going on after epoch " << at_.epoch << ", batch " << at_.batch << '\n';
    return lamina::train::MetricsFile::resume(folder_ / "metrics.csv", std::move(names),
                                              static_cast<double>(at_.epoch));
  }

  /// "epoch 3: train_mse 0.0123, test_mse 0.0131, seconds 4.2".
  void say(const std::vector<double>& row) const {
    const auto& names = metrics_.table().columns;
    std::string line = "epoch " + with_digits(row[0], 0) + ":";
    for (std::size_t i = 1; i < row.size(); ++i)
      line += (i == 1 ? " " : ", ") + names[i] + " " + significant(row[i]);
    std::cout << line << std::endl;
  }

  const TrainerOptions& options_;
  const lamina::train::RunFolder& folder_;
  lamina::train::Position at_;
  lamina::train::InterruptGuard interrupt_;
  lamina::train::LoopEnd end_ = lamina::train::LoopEnd::finished;
  bool resumed_ = false;
  std::vector<lamina::PrefixedState<lamina::Cpu>> states_;
  lamina::train::MetricsFile metrics_;
};

}  // namespace examples
