// SPDX-License-Identifier: MIT
#pragma once
// The options that all trainers share, and how options relate to the settings of a run: a run folder
// remembers them, and a resumed run takes over what is not given again.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "lamina/core/isa.hpp"

#include "common/command_line.hpp"
#include "common/device.hpp"

namespace lamina::inline LAMINA_ISA::train {
class Settings;
}

namespace examples {

/// Options that a run remembers, "--batch-size" as batch_size.
class RememberedOptions {
 public:
  /// Whether a resumed run may change it.
  enum class OnResume { must_stay, may_change };

  /// Adds an option with its default, an int, std::int64_t, std::uint64_t, double or std::string;
  /// `value` must outlive this.
  template <class Value>
  void add(CommandLine& line, const std::string& option, Value& value, const std::string& text,
           const Rule& rule = {}, OnResume on_resume = OnResume::must_stay);

  lamina::train::Settings settings() const;

  /// Takes over from a run what was not given on the command line; what a run of an older program does not
  /// know stays as it is.
  /// errors run: something was given that must stay as it was in the run
  void adopt(const lamina::train::Settings& run, const CommandLine& line) const;

 private:
  struct Entry {
    std::string name;
    OnResume on_resume;
    std::function<void(lamina::train::Settings&)> write;
    std::function<void(const lamina::train::Settings&, const CommandLine&)> adopt;
  };
  std::vector<Entry> entries_;
};

struct TrainerOptions {
  std::int64_t epochs = 10;
  std::int64_t steps = 0;  ///< ends the run after so many; 0: does not
  std::int64_t batch_size = 128;
  std::uint64_t seed = 1;
  int threads = 0;         ///< 0: as many as OpenMP offers
  std::int64_t limit = 0;  ///< images to use; 0: all
  std::string data;        ///< folder of the data set; empty: looked for
  std::string out;         ///< run folder; empty: a new one in runs/
  bool resume = false;
  std::string device = "cpu";
  std::int64_t devices = 1;
  RememberedOptions remembered;

  Device on() const { return device == "cuda" ? Device::cuda : Device::cpu; }

  /// errors run: what is to be trained on is not there, or not as often; several CPUs
  void require_devices() const;

  /// What the run is made with: its GPUs, where it has some, and the processor.
  /// errors run: as require_devices
  std::string machine() const;

  void add_to(CommandLine& line);
};

/// A learning rate and what becomes of it over the steps of a run.
struct ScheduleOptions {
  double learning_rate = 1e-3;
  std::string schedule = "constant";

  void add_to(CommandLine& line, RememberedOptions& remembered);

  /// Options that a resumed run cannot change since the rate depends on the length of the run.
  std::vector<std::string> must_stay() const;

  /// The rate in step `step` of a run of `steps`.
  float at(std::int64_t step, std::int64_t steps) const;
};

/// When generated images are scored.
struct ScoreOptions {
  std::int64_t score_every = 0;  ///< epochs; 0: after the last one only

  void add_to(CommandLine& line, RememberedOptions& remembered);

  /// After epoch `epoch`, counted from 1, of `epochs`?
  bool due(std::int64_t epoch, std::int64_t epochs) const;
};

}  // namespace examples
