// SPDX-License-Identifier: MIT
// Trains an autoencoder on Fashion-MNIST and shows what it learned; compares two such runs.

#include <array>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "lamina/train/loop.hpp"

#include "common/machine.hpp"
#include "common/options.hpp"
#include "common/run_program.hpp"
#include "comparison.hpp"

namespace examples {
namespace {

namespace fs = std::filesystem;
using lamina::train::LoopEnd;
using lamina::train::RunFolder;

const std::vector<std::string> metric_names{"epoch", "train_mse", "test_mse", "seconds",
                                            "images_per_second"};

struct AutoencoderOptions : TrainerOptions {
  std::string model = "cnn";
  std::vector<std::string> compare;
};

float learning_rate_at(const AutoencoderOptions& options, std::int64_t step, std::int64_t steps) {
  const auto base = static_cast<float>(options.learning_rate);
  if (options.schedule == "cosine") return lamina::CosineAnnealingLR{base, steps}(step);
  return lamina::ConstantLR{base}(step);
}

template <AutoencoderKind Kind>
int train(const AutoencoderOptions& options, const RunFolder& folder,
          const lamina::train::Settings& settings) {
  auto data = lamina::datasets::fashion_mnist(options.data);
  if (options.limit > 0) data.train = data.train.first(static_cast<std::size_t>(options.limit));
  const lamina::Seed seed{options.seed};
  const std::string machine = describe_machine();
  std::cout << Kind::title << " on " << data.name() << " (" << data.train.size() << " + "
            << data.test.size() << " images)\n"
            << machine << '\n';

  ModelOf<Kind> model(seed);
  lamina::Adam adam(model.parameters());
  lamina::train::Position at;
  const std::array states{
      lamina::PrefixedState<lamina::Cpu>{"model.", model.state()},
      lamina::PrefixedState<lamina::Cpu>{"adam.", adam.state()},
      lamina::PrefixedState<lamina::Cpu>{"run.",
                                         {{},
                                          {{"epoch", &at.epoch},
                                           {"batch", &at.batch},
                                           {"step", &at.step},
                                           {"microseconds", &at.microseconds},
                                           {"training_passes", &model.training_passes()}}}}};
  const fs::path checkpoint = folder / "checkpoint.safetensors";
  const bool resumes = options.resume && fs::exists(checkpoint);
  if (resumes) lamina::load_states<lamina::Cpu>(checkpoint, states);
  const fs::path metrics_path = folder / "metrics.csv";
  auto metrics = resumes ? lamina::train::MetricsFile::resume(metrics_path, metric_names,
                                                              static_cast<double>(at.epoch))
                         : lamina::train::MetricsFile(metrics_path, metric_names);
  if (resumes) std::cout << "going on after epoch " << at.epoch << ", batch " << at.batch << '\n';

  const auto batch_size = static_cast<std::size_t>(options.batch_size);
  const auto batches = static_cast<std::int64_t>((data.train.size() + batch_size - 1) / batch_size);
  const lamina::train::InterruptGuard interrupt;
  const LoopEnd end = lamina::train::run_epochs(
      data.train, {.epochs = options.epochs, .batch_size = batch_size, .seed = seed}, at, interrupt,
      [&](const lamina::Batch<Image>& batch) {
        adam.set_learning_rate(learning_rate_at(options, at.step, options.epochs * batches));
        const auto output = model.forward(batch.images);
        const auto [loss, gradient] = lamina::mse_loss(output, batch.images);
        model.zero_grad();
        model.backward(gradient);
        adam.step();
        return loss;
      },
      [&](std::int64_t epoch, const lamina::train::EpochTime& time) {
        const double train_error = mean_squared_error(model, data.train);
        const double test_error = mean_squared_error(model, data.test);
        metrics.append({static_cast<double>(epoch), train_error, test_error, time.seconds,
                        time.images_per_second});
        std::cout << "epoch " << epoch << ": train MSE " << with_digits(train_error, 6)
                  << ", test MSE " << with_digits(test_error, 6) << ", "
                  << with_digits(time.seconds, 1) << " s, "
                  << with_digits(time.images_per_second, 0) << " images/s" << std::endl;
      },
      [&] { lamina::save_states<lamina::Cpu>(checkpoint, states); });

  save(model, folder / "model.safetensors");
  write_report<Kind>(model, data, folder, settings, metrics.table(), machine, seed,
                     end == LoopEnd::interrupted);
  if (end == LoopEnd::interrupted) {
    std::cout << "interrupted in epoch " << at.epoch + 1 << " after " << at.step
              << " steps; all is saved. Go on with: --resume --out " << folder.path().string()
              << '\n';
    return 128 + interrupt.signal();
  }
  std::cout << "the results are in " << (folder / "report.html").string() << '\n';
  return 0;
}

/// A new run folder with its settings, or the one of an earlier run, whose settings options adopt.
RunFolder open_folder(AutoencoderOptions& options, const CLI::App& app,
                      lamina::train::Settings& settings) {
  if (options.resume) {
    if (options.out.empty()) throw UsageError("--resume needs --out, the folder of the run");
    const RunFolder folder = RunFolder::resume(options.out);
    const auto before = lamina::train::Settings::read(folder / RunFolder::settings_name);
    options.adopt(before, app);
    if (app.count("--model") == 0) options.model = before.get<std::string>("model");
    settings.set("model", options.model);
    settings.add(options.settings());
    before.require_same(settings,
                        {"model", "batch_size", "learning_rate", "schedule", "seed", "limit"});
    if (options.schedule != "constant") before.require_same(settings, {"epochs"});
    settings.write(folder / RunFolder::settings_name);
    return folder;
  }
  settings.set("model", options.model);
  settings.add(options.settings());
  const RunFolder folder = options.out.empty() ? RunFolder::create("autoencoder-" + options.model)
                                               : RunFolder::create_at(options.out);
  settings.write(folder / RunFolder::settings_name);
  return folder;
}

int run(AutoencoderOptions& options, const CLI::App& app) {
  if (options.threads > 0) lamina::set_num_threads(options.threads);
  if (!options.compare.empty()) {
    const fs::path a = options.compare[0];
    const fs::path b = options.compare[1];
    const auto data = lamina::datasets::fashion_mnist(options.data);
    const fs::path folder = options.out.empty() ? fs::absolute(a).lexically_normal().parent_path()
                                                : fs::path(options.out);
    const fs::path page = compare_runs(a, b, data, folder / "comparison.html");
    std::cout << "the comparison is in " << page.string() << '\n';
    return 0;
  }
  lamina::train::Settings settings;
  const RunFolder folder = open_folder(options, app, settings);
  return with_kind(options.model,
                   [&]<class Kind>() { return train<Kind>(options, folder, settings); });
}

}  // namespace
}  // namespace examples

int main(int argc, char** argv) {
  examples::AutoencoderOptions options;
  CLI::App app("Trains an autoencoder on Fashion-MNIST, or compares two trained ones.",
               "autoencoder");
  app.add_option("--model", options.model, "fc: linear layers only; cnn: convolutions only")
      ->check(CLI::IsMember({"fc", "cnn"}))
      ->capture_default_str();
  options.add_to(app);
  app.add_option("--compare", options.compare, "two run folders to compare on one page")
      ->expected(2);
  return examples::run_program(app, argc, argv, [&] { return examples::run(options, app); });
}
