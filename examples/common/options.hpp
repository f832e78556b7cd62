// SPDX-License-Identifier: MIT
#pragma once
// The options that all trainers share, and how options relate to the settings of a run: a run folder
// remembers them, and a resumed run takes over what is not given again.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "lamina/optim/schedules.hpp"
#include "lamina/train/settings.hpp"

namespace examples {

/// Options that a run remembers, "--batch-size" as batch_size.
class RememberedOptions {
 public:
  /// Whether a resumed run may change it.
  enum class OnResume { must_stay, may_change };

  /// Adds an option with its default; `value` must outlive this.
  template <class Value>
  CLI::Option* add(CLI::App& app, const std::string& option, Value& value, const std::string& text,
                   OnResume on_resume = OnResume::must_stay) {
    std::string name = option.substr(2);
    std::ranges::replace(name, '-', '_');
    entries_.push_back(
        {name, on_resume, [name, &value](lamina::train::Settings& to) { to.set(name, value); },
         [name, option, &value](const lamina::train::Settings& from, const CLI::App& given) {
           if (given.count(option) == 0) value = from.get<Value>(name);
         }});
    return app.add_option(option, value, text)->capture_default_str();
  }

  lamina::train::Settings settings() const {
    lamina::train::Settings settings;
    for (const Entry& entry : entries_)
      entry.write(settings);
    return settings;
  }

  /// Takes over from a run what was not given on the command line.
  /// errors run: something was given that must stay as it was in the run
  void adopt(const lamina::train::Settings& run, const CLI::App& app) const {
    for (const Entry& entry : entries_)
      entry.adopt(run, app);
    std::vector<std::string> names;
    for (const Entry& entry : entries_)
      if (entry.on_resume == OnResume::must_stay) names.push_back(entry.name);
    run.require_same(settings(), names);
  }

 private:
  struct Entry {
    std::string name;
    OnResume on_resume;
    std::function<void(lamina::train::Settings&)> write;
    std::function<void(const lamina::train::Settings&, const CLI::App&)> adopt;
  };
  std::vector<Entry> entries_;
};

struct TrainerOptions {
  std::int64_t epochs = 10;
  std::int64_t steps = 0;  ///< ends the run after so many; 0: does not
  std::int64_t batch_size = 128;
  std::uint64_t seed = 1;
  int threads = 0;         ///< 0: as many as OpenMP offers
  std::int64_t limit = 0;  ///< training images to use; 0: all
  std::string data;        ///< folder of the data set; empty: looked for
  std::string out;         ///< run folder; empty: a new one in runs/
  bool resume = false;
  RememberedOptions remembered;

  void add_to(CLI::App& app) {
    remembered
        .add(app, "--epochs", epochs, "passes over the training images",
             RememberedOptions::OnResume::may_change)
        ->check(CLI::PositiveNumber);
    remembered
        .add(app, "--steps", steps,
             "end after so many steps, in whatever epoch; 0: at the last epoch",
             RememberedOptions::OnResume::may_change)
        ->check(CLI::NonNegativeNumber);
    remembered.add(app, "--batch-size", batch_size, "images per step")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 20));
    remembered.add(app, "--seed", seed, "seed of everything random");
    remembered.add(app, "--limit", limit, "use only the first N training images; 0: all")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--threads", threads, "threads to use (default: all)")
        ->check(CLI::Range(1, 1024));
    app.add_option("--data", data, "folder of the data set (default: looked for)");
    app.add_option("--out", out, "folder for the results (default: a new one in runs/)");
    app.add_flag("--resume", resume, "go on with the run in --out");
  }
};

/// A learning rate and what becomes of it over the steps of a run.
struct ScheduleOptions {
  double learning_rate = 1e-3;
  std::string schedule = "constant";

  void add_to(CLI::App& app, RememberedOptions& remembered) {
    remembered.add(app, "--learning-rate", learning_rate, "Adam's learning rate")
        ->check(CLI::PositiveNumber);
    remembered
        .add(app, "--schedule", schedule, "learning rate over time: constant, or cosine down to 0")
        ->check(CLI::IsMember({"constant", "cosine"}));
  }

  /// The rate in step `step` of a run of `steps`.
  float at(std::int64_t step, std::int64_t steps) const {
    const auto base = static_cast<float>(learning_rate);
    if (schedule == "cosine") return lamina::CosineAnnealingLR{base, steps}(step);
    return lamina::ConstantLR{base}(step);
  }
};

}  // namespace examples
