// SPDX-License-Identifier: MIT
// Trains an autoencoder on Fashion-MNIST and shows what it learned; compares two such runs.

#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "common/autoencoder_learner.hpp"
#include "common/evaluation.hpp"
#include "common/finished_run.hpp"
#include "common/layer_text.hpp"
#include "common/numbers.hpp"
#include "common/run_report.hpp"
#include "common/score.hpp"
#include "report.hpp"

namespace examples {
namespace {

namespace fs = std::filesystem;

struct AutoencoderOptions : TrainerOptions {
  std::string model = "cnn";
  ScheduleOptions schedule;
  ScoreOptions score;
  std::vector<std::string> compare;
};

template <AutoencoderKind Kind>
int train(const AutoencoderOptions& options, const OpenRun& run) {
  const auto data = load_data(options);
  const lamina::Seed seed{options.seed};
  say_start(Kind::title, options, data);

  Score score(data.test);
  const auto learner = make_autoencoder(Kind::name, seed, options.on());
  TrainingRun training(options, run, learner->states(),
                       {"train_mse", "test_mse", "score", "seconds", "images_per_second"});
  const std::int64_t steps = training.steps(data.train.size());
  training.train(
      *learner, data.train, lamina::PixelRange::unit,
      {.end_of_epoch = [&](std::int64_t epoch,
                           const lamina::train::EpochTime& time) -> std::vector<double> {
         return {
             mean_squared_error(*learner, data.train), mean_squared_error(*learner, data.test),
             options.score.due(epoch, options.epochs) ? score.of_prior(*learner, seed) : not_taken,
             time.seconds, time.images_per_second};
       },
       .learning_rate = [&](std::int64_t step) { return options.schedule.at(step, steps); }});
  save_trained(run.folder / "model.safetensors", {learner->states().fetch("model.", "")});
  write_report(*learner, Kind::title, layer_table_text<typename Kind::Net, Image>(), data, run,
               training, seed);
  return training.finish();
}

int compare(const AutoencoderOptions& options) {
  const fs::path a = options.compare[0];
  const fs::path b = options.compare[1];
  const auto data = lamina::datasets::fashion_mnist(options.data);
  const fs::path page = comparison_page(options.out, a, "comparison.html");
  compare_runs(a, b, data, page);
  std::cout << "the comparison is in " << page.string() << '\n';
  return 0;
}

int run(AutoencoderOptions& options, const CommandLine& line) {
  if (!options.compare.empty()) return compare(options);
  const OpenRun opened = open_run(options, line, options.model, options.schedule);
  return options.model == FullyConnected::name ? train<FullyConnected>(options, opened)
                                               : train<Convolutional>(options, opened);
}

}  // namespace
}  // namespace examples

int main(int argc, char** argv) {
  examples::AutoencoderOptions options;
  examples::CommandLine line(
      "Trains an autoencoder on Fashion-MNIST, or compares two trained ones.", "autoencoder");
  options.remembered.add(line, "--model", options.model,
                         "fc: linear layers only; cnn: convolutions only",
                         examples::one_of({"fc", "cnn"}));
  options.add_to(line);
  options.schedule.add_to(line, options.remembered);
  options.score.add_to(line, options.remembered);
  line.add("--compare", options.compare, "two run folders to compare on one page",
           examples::exactly(2));
  return line.run(argc, argv, [&] { return examples::run(options, line); });
}
