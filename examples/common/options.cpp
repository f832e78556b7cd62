// SPDX-License-Identifier: MIT
#include "common/options.hpp"

#include <algorithm>

#include "lamina/optim/schedules.hpp"

namespace examples {

template <class Value>
CLI::Option* RememberedOptions::add(CLI::App& app, const std::string& option, Value& value,
                                    const std::string& text, OnResume on_resume) {
  std::string name = option.substr(2);
  std::ranges::replace(name, '-', '_');
  entries_.push_back(
      {name, on_resume, [name, &value](lamina::train::Settings& to) { to.set(name, value); },
       [name, option, &value](const lamina::train::Settings& from, const CLI::App& given) {
         if (given.count(option) == 0) value = from.get<Value>(name);
       }});
  return app.add_option(option, value, text)->capture_default_str();
}

template CLI::Option* RememberedOptions::add(CLI::App&, const std::string&, int&,
                                             const std::string&, OnResume);
template CLI::Option* RememberedOptions::add(CLI::App&, const std::string&, std::int64_t&,
                                             const std::string&, OnResume);
template CLI::Option* RememberedOptions::add(CLI::App&, const std::string&, std::uint64_t&,
                                             const std::string&, OnResume);
template CLI::Option* RememberedOptions::add(CLI::App&, const std::string&, double&,
                                             const std::string&, OnResume);
template CLI::Option* RememberedOptions::add(CLI::App&, const std::string&, std::string&,
                                             const std::string&, OnResume);

lamina::train::Settings RememberedOptions::settings() const {
  lamina::train::Settings settings;
  for (const Entry& entry : entries_)
    entry.write(settings);
  return settings;
}

void RememberedOptions::adopt(const lamina::train::Settings& run, const CLI::App& app) const {
  for (const Entry& entry : entries_)
    entry.adopt(run, app);
  std::vector<std::string> names;
  for (const Entry& entry : entries_)
    if (entry.on_resume == OnResume::must_stay) names.push_back(entry.name);
  run.require_same(settings(), names);
}

void TrainerOptions::add_to(CLI::App& app) {
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
  remembered.add(app, "--limit", limit, "use only N images, 100 or more to test; 0: all")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--threads", threads, "threads to use (default: all)")->check(CLI::Range(1, 1024));
  app.add_option("--data", data, "folder of the data set (default: looked for)");
  app.add_option("--out", out, "folder for the results (default: a new one in runs/)");
  app.add_flag("--resume", resume, "go on with the run in --out");
}

void ScheduleOptions::add_to(CLI::App& app, RememberedOptions& remembered) {
  remembered.add(app, "--learning-rate", learning_rate, "Adam's learning rate")
      ->check(CLI::PositiveNumber);
  remembered
      .add(app, "--schedule", schedule, "learning rate over time: constant, or cosine down to 0")
      ->check(CLI::IsMember({"constant", "cosine"}));
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

void ScoreOptions::add_to(CLI::App& app, RememberedOptions& remembered) {
  remembered
      .add(app, "--score-every", score_every,
           "epochs between scores of generated images; 0: after the last epoch only",
           RememberedOptions::OnResume::may_change)
      ->check(CLI::NonNegativeNumber);
}

bool ScoreOptions::due(std::int64_t epoch, std::int64_t epochs) const {
  return epoch == epochs || (score_every > 0 && epoch % score_every == 0);
}

}  // namespace examples
