// SPDX-License-Identifier: MIT
#include "common/options.hpp"

#include <algorithm>
#include <cstddef>

#include "lamina/optim/schedules.hpp"
#include "lamina/train/settings.hpp"

#include "common/machine.hpp"

namespace examples {

template <class Value>
void RememberedOptions::add(CommandLine& line, const std::string& option, Value& value,
                            const std::string& text, const Rule& rule, OnResume on_resume) {
  std::string name = option.substr(2);
  std::ranges::replace(name, '-', '_');
  entries_.push_back(
      {name, on_resume, [name, &value](lamina::train::Settings& to) { to.set(name, value); },
       [name, option, &value](const lamina::train::Settings& from, const CommandLine& given) {
         if (!given.given(option)) value = from.get_or(name, value);
       }});
  line.add_with_default(option, value, text, rule);
}

template void RememberedOptions::add(CommandLine&, const std::string&, int&, const std::string&,
                                     const Rule&, OnResume);
template void RememberedOptions::add(CommandLine&, const std::string&, std::int64_t&,
                                     const std::string&, const Rule&, OnResume);
template void RememberedOptions::add(CommandLine&, const std::string&, std::uint64_t&,
                                     const std::string&, const Rule&, OnResume);
template void RememberedOptions::add(CommandLine&, const std::string&, double&, const std::string&,
                                     const Rule&, OnResume);
template void RememberedOptions::add(CommandLine&, const std::string&, std::string&,
                                     const std::string&, const Rule&, OnResume);

lamina::train::Settings RememberedOptions::settings() const {
  lamina::train::Settings settings;
  for (const Entry& entry : entries_)
    entry.write(settings);
  return settings;
}

void RememberedOptions::adopt(const lamina::train::Settings& run, const CommandLine& line) const {
  for (const Entry& entry : entries_)
    entry.adopt(run, line);
  std::vector<std::string> names;
  for (const Entry& entry : entries_)
    if (entry.on_resume == OnResume::must_stay) names.push_back(entry.name);
  run.require_same(settings(), names);
}

void TrainerOptions::require_devices() const {
  if (on() == Device::cuda)
    cuda_learners().require_devices(static_cast<std::size_t>(devices));
  else if (devices > 1)
    throw UsageError("--devices " + std::to_string(devices) +
                     " is for GPUs: the CPU is one device, with --threads of its own; use "
                     "--device cuda, or --devices 1");
}

std::string TrainerOptions::machine() const {
  std::vector<std::string> gpus;
  if (on() == Device::cuda)
    for (std::size_t i = 0; i < static_cast<std::size_t>(devices); ++i)
      gpus.push_back(cuda_learners().device_name(i));
  return describe_machine(gpus);
}

void TrainerOptions::add_to(CommandLine& line) {
  using enum RememberedOptions::OnResume;
  remembered.add(line, "--epochs", epochs, "passes over the training images", positive(),
                 may_change);
  remembered.add(line, "--steps", steps,
                 "end after so many steps, in whatever epoch; 0: at the last epoch", not_negative(),
                 may_change);
  remembered.add(line, "--batch-size", batch_size, "images per step",
                 between(std::int64_t{1}, std::int64_t{1} << 20));
  remembered.add(line, "--seed", seed, "seed of everything random");
  remembered.add(line, "--limit", limit, "use only N images, 100 or more to test; 0: all",
                 not_negative());
  remembered.add(line, "--device", device,
                 "where to train: cpu, or cuda, an NVIDIA GPU, in a program built for it",
                 one_of({"cpu", "cuda"}), may_change);
  remembered.add(line, "--devices", devices, "GPUs to train on, each on its part of every batch",
                 between(std::int64_t{1}, std::int64_t{1024}), may_change);
  line.add("--threads", threads, "threads to use (default: all)",
           between(std::int64_t{1}, std::int64_t{1024}));
  line.add("--data", data, "folder of the data set (default: looked for)");
  line.add("--out", out, "folder for the results (default: a new one in runs/)");
  line.add_flag("--resume", resume, "go on with the run in --out");
}

void ScheduleOptions::add_to(CommandLine& line, RememberedOptions& remembered) {
  remembered.add(line, "--learning-rate", learning_rate, "Adam's learning rate", positive());
  remembered.add(line, "--schedule", schedule,
                 "learning rate over time: constant, or cosine down to 0",
                 one_of({"constant", "cosine"}));
}

std::vector<std::string> ScheduleOptions::must_stay() const {
  if (schedule == "constant") return {};
  return {"epochs", "steps"};
}

float ScheduleOptions::at(std::int64_t step, std::int64_t steps) const {
  const auto base = static_cast<float>(learning_rate);
  if (schedule == "cosine") return lamina::CosineAnnealingLR{base, steps}(step);
  return lamina::ConstantLR{base}(step);
}

void ScoreOptions::add_to(CommandLine& line, RememberedOptions& remembered) {
  remembered.add(line, "--score-every", score_every,
                 "epochs between scores of generated images; 0: after the last epoch only",
                 not_negative(), RememberedOptions::OnResume::may_change);
}

bool ScoreOptions::due(std::int64_t epoch, std::int64_t epochs) const {
  return epoch == epochs || (score_every > 0 && epoch % score_every == 0);
}

}  // namespace examples
