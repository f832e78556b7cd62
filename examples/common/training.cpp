// SPDX-License-Identifier: MIT
#include "common/training.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <system_error>

#include "lamina/core/threads.hpp"
#include "lamina/io/state_file.hpp"
#include "lamina/train/settings.hpp"

#include "common/numbers.hpp"

namespace examples {

using lamina::train::RunFolder;
using lamina::train::Settings;

namespace {

constexpr const char* checkpoint_name = "checkpoint.safetensors";

/// What tells the runs of one program from those of another.
Settings name_settings(const std::string& program) {
  Settings settings;
  settings.set("program", program);
  return settings;
}

}  // namespace

OpenRun::OpenRun(RunFolder in, const std::string& program, const TrainerOptions& options)
    : folder{std::move(in)}, settings{std::make_unique<Settings>(name_settings(program))} {
  std::string machine = options.machine();
  if (RunFolder::holds_run(folder.path()))  // what it was begun with stays its machine
    machine = Settings::read(folder / RunFolder::settings_name).get_or("machine", machine);
  settings->set("machine", machine);
  settings->add(options.remembered.settings());
}

OpenRun::OpenRun(OpenRun&&) noexcept = default;

OpenRun::~OpenRun() {
  std::error_code not_empty;
  std::filesystem::remove(folder.path(), not_empty);
}

OpenRun open_run(TrainerOptions& options, const CommandLine& line, const std::string& model,
                 const ScheduleOptions& schedule) {
  const std::string name = line.program();
  if (options.threads > 0) lamina::set_num_threads(options.threads);
  if (options.resume) {
    if (options.out.empty()) throw UsageError("--resume needs --out, the folder of the run");
    RunFolder folder = RunFolder::resume(options.out);
    const auto before = Settings::read(folder / RunFolder::settings_name);
    before.require_same(name_settings(name), {"program"});
    options.remembered.adopt(before, line);
    before.require_same(options.remembered.settings(), schedule.must_stay());
    options.require_devices();
    return {std::move(folder), name, options};
  }
  options.require_devices();
  return {options.out.empty() ? RunFolder::create(model.empty() ? name : name + "-" + model)
                              : RunFolder::create_at(options.out),
          name, options};
}

lamina::datasets::FashionMnist load_data(const TrainerOptions& options) {
  auto data = lamina::datasets::fashion_mnist(options.data);
  if (options.limit > 0) {
    constexpr std::size_t tested_at_least = 100;
    const auto limit = static_cast<std::size_t>(options.limit);
    data.train = data.train.first(limit);
    data.test = data.test.first((std::max)(limit, tested_at_least));
  }
  return data;
}

void say_start(const std::string& title, const TrainerOptions& options,
               const lamina::datasets::FashionMnist& data) {
  std::cout << title << " on " << data.name() << " (" << data.train.size() << " + "
            << data.test.size() << " images)\n"
            << options.machine() << '\n';
}

TrainingRun::TrainingRun(const TrainerOptions& options, const OpenRun& run, HostStates& states,
                         std::vector<std::string> metric_names)
    : options_{options},
      folder_{run.folder},
      states_{states},
      metrics_{open(std::move(metric_names))} {
  run.settings->write(folder_ / RunFolder::settings_name);
}

lamina::train::MetricsFile TrainingRun::open(std::vector<std::string> names) {
  states_.add("run.", lamina::State<lamina::Cpu>{{},
                                                 {{"epoch", &at_.epoch},
                                                  {"batch", &at_.batch},
                                                  {"step", &at_.step},
                                                  {"microseconds", &at_.microseconds}}});
  names.insert(names.begin(), "epoch");
  const auto checkpoint = folder_ / checkpoint_name;
  resumed_ = options_.resume && std::filesystem::exists(checkpoint);
  if (!resumed_) return {folder_ / "metrics.csv", std::move(names)};
  lamina::load_states<lamina::Cpu>(checkpoint, states_.fetch());
  states_.send();
  std::cout << "going on after epoch " << at_.epoch << ", batch " << at_.batch << '\n';
  return lamina::train::MetricsFile::resume(folder_ / "metrics.csv", std::move(names),
                                            static_cast<double>(at_.epoch));
}

lamina::train::MetricsFile TrainingRun::step_metrics(const std::string& file,
                                                     std::vector<std::string> names) const {
  names.insert(names.begin(), "step");
  if (!resumed_) return {folder_ / file, std::move(names)};
  return lamina::train::MetricsFile::resume(folder_ / file, std::move(names),
                                            static_cast<double>(at_.step));
}

std::int64_t TrainingRun::steps(std::size_t images) const {
  const auto batch = static_cast<std::size_t>(options_.batch_size);
  const auto all = options_.epochs * static_cast<std::int64_t>((images + batch - 1) / batch);
  return options_.steps > 0 ? (std::min)(options_.steps, all) : all;
}

/// Says "epoch 3: train_mse 0.0123, test_mse 0.0131, seconds 4.2"; figures that were not taken, such
/// as a score, are left out.
void TrainingRun::record(std::int64_t epoch, std::vector<double> row) {
  row.insert(row.begin(), static_cast<double>(epoch));
  metrics_.append(row);
  const auto& names = metrics_.table().columns;
  std::string line;
  for (std::size_t i = 1; i < row.size(); ++i)
    if (!std::isnan(row[i]))
      line += (line.empty() ? " " : ", ") + names[i] + " " + significant(row[i]);
  std::cout << "epoch " << epoch << ':' << line << std::endl;
}

void TrainingRun::save_checkpoint() const {
  try {
    lamina::save_states<lamina::Cpu>(folder_ / checkpoint_name, states_.fetch());
  } catch (const lamina::NotFinite& error) {
    throw lamina::train::Diverged(std::string(error.what()) + "; the last checkpoint was kept");
  }
}

int TrainingRun::finish() const {
  if (interrupted()) {
    std::cout << "interrupted in epoch " << at_.epoch + 1 << " after " << at_.step
              << " steps; all is saved. Go on with: --resume --out " << folder_.path().string()
              << '\n';
    return 128 + interrupt_.signal();
  }
  std::cout << "the results are in " << (folder_ / "report.html").string() << '\n';
  return 0;
}

void save_trained(const std::filesystem::path& file, const HostStates::States& states) {
  lamina::save_states<lamina::Cpu>(file, states, {{"format", "pt"}});
}

}  // namespace examples
