// SPDX-License-Identifier: MIT
#pragma once
// The options that all trainers share, and how they relate to the settings of a run that is resumed.

#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "lamina/train/settings.hpp"

namespace examples {

struct TrainerOptions {
  std::int64_t epochs = 10;
  std::int64_t batch_size = 128;
  double learning_rate = 1e-3;
  std::string schedule = "constant";
  std::uint64_t seed = 1;
  int threads = 0;         ///< 0: as many as OpenMP offers
  std::int64_t limit = 0;  ///< training images to use; 0: all
  std::string data;        ///< folder of the data set; empty: looked for
  std::string out;         ///< run folder; empty: a new one in runs/
  bool resume = false;

  void add_to(CLI::App& app) {
    app.add_option("--epochs", epochs, "passes over the training images")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--batch-size", batch_size, "images per step")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 20))
        ->capture_default_str();
    app.add_option("--learning-rate", learning_rate, "Adam's learning rate")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--schedule", schedule, "learning rate over time: constant, or cosine down to 0")
        ->check(CLI::IsMember({"constant", "cosine"}))
        ->capture_default_str();
    app.add_option("--seed", seed, "seed of everything random")->capture_default_str();
    app.add_option("--threads", threads, "threads to use (default: all)")
        ->check(CLI::Range(1, 1024));
    app.add_option("--limit", limit, "use only the first N training images")
        ->check(CLI::PositiveNumber);
    app.add_option("--data", data, "folder of the data set (default: looked for)");
    app.add_option("--out", out, "folder for the results (default: a new one in runs/)");
    app.add_flag("--resume", resume, "go on with the run in --out");
  }

  /// What a run folder remembers of these options.
  lamina::train::Settings settings() const {
    lamina::train::Settings settings;
    settings.set("epochs", epochs);
    settings.set("batch_size", batch_size);
    settings.set("learning_rate", learning_rate);
    settings.set("schedule", schedule);
    settings.set("seed", seed);
    settings.set("limit", limit);
    return settings;
  }

  /// Takes over from a run what was not given on the command line.
  void adopt(const lamina::train::Settings& run, const CLI::App& app) {
    const auto take = [&](const char* option, const char* name, auto& value) {
      if (app.count(option) == 0) value = run.get<std::remove_reference_t<decltype(value)>>(name);
    };
    take("--epochs", "epochs", epochs);
    take("--batch-size", "batch_size", batch_size);
    take("--learning-rate", "learning_rate", learning_rate);
    take("--schedule", "schedule", schedule);
    take("--seed", "seed", seed);
    take("--limit", "limit", limit);
  }
};

}  // namespace examples
