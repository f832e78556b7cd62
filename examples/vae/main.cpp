// SPDX-License-Identifier: MIT
// Trains a variational autoencoder on Fashion-MNIST and shows what it learned; compares a run with one
// of the plain autoencoder.

#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "common/finished_run.hpp"
#include "common/numbers.hpp"
#include "common/score.hpp"
#include "common/vae_learner.hpp"
#include "report.hpp"

namespace examples {
namespace {

namespace fs = std::filesystem;

struct VaeOptions : TrainerOptions {
  ScheduleOptions schedule;
  ScoreOptions score;
  double beta = 1.0;
  std::string pixels = "bernoulli";
  std::vector<std::string> compare;
};

int train(const VaeOptions& options, const OpenRun& run) {
  const auto data = load_data(options);
  say_start(Variational::title, options, data);

  Score score(data.test);
  const lamina::Seed seed{options.seed};
  const auto learner = make_vae(
      seed,
      options.pixels == "gaussian" ? lamina::PixelModel::gaussian : lamina::PixelModel::bernoulli,
      static_cast<float>(options.beta), options.on());
  TrainingRun training(options, run, learner->states(),
                       {"train_reconstruction", "train_kl", "train_sum", "test_reconstruction",
                        "test_kl", "test_sum", "test_mse_mean", "test_mse_sample",
                        "active_dimensions", "score", "seconds", "images_per_second"});
  const std::int64_t steps = training.steps(data.train.size());
  training.train(
      *learner, data.train, lamina::PixelRange::unit,
      {.end_of_epoch = [&](std::int64_t epoch,
                           const lamina::train::EpochTime& time) -> std::vector<double> {
         const VaeEvaluation trained = learner->evaluate(data.train);
         const VaeEvaluation test = learner->evaluate(data.test);
         return {
             trained.losses.reconstruction,
             trained.losses.kl,
             trained.losses.sum(),
             test.losses.reconstruction,
             test.losses.kl,
             test.losses.sum(),
             test.mse_mean,
             test.mse_sample,
             static_cast<double>(test.active_dimensions()),
             options.score.due(epoch, options.epochs) ? score.of_prior(*learner, seed) : not_taken,
             time.seconds,
             time.images_per_second};
       },
       .learning_rate = [&](std::int64_t step) { return options.schedule.at(step, steps); }});
  save_trained(run.folder / "model.safetensors", {learner->states().fetch("encoder.", "encoder."),
                                                  learner->states().fetch("decoder.", "decoder.")});
  write_report(*learner, learner->evaluate(data.test), data, run, training, seed);
  return training.finish();
}

int compare(const VaeOptions& options) {
  const fs::path a = options.compare[0];
  const fs::path b = options.compare[1];
  const auto data = lamina::datasets::fashion_mnist(options.data);
  const fs::path page = comparison_page(options.out, a, "ae-vae.html");
  compare_runs(a, b, data, page);
  std::cout << "the comparison is in " << page.string() << '\n';
  return 0;
}

int run(VaeOptions& options, const CommandLine& line) {
  if (!options.compare.empty()) return compare(options);
  const OpenRun opened = open_run(options, line, "", options.schedule);
  return train(options, opened);
}

}  // namespace
}  // namespace examples

int main(int argc, char** argv) {
  examples::VaeOptions options;
  examples::CommandLine line(
      "Trains a variational autoencoder on Fashion-MNIST, or compares one with an autoencoder.",
      "vae");
  options.add_to(line);
  options.schedule.add_to(line, options.remembered);
  options.score.add_to(line, options.remembered);
  options.remembered.add(line, "--beta", options.beta, "weight of the divergence",
                         examples::not_negative());
  options.remembered.add(line, "--pixels", options.pixels,
                         "bernoulli: binary cross entropy; gaussian: half the squared error",
                         examples::one_of({"bernoulli", "gaussian"}));
  line.add("--compare", options.compare,
           "run folders of autoencoder --model cnn and of vae to compare on one page",
           examples::exactly(2));
  return line.run(argc, argv, [&] { return examples::run(options, line); });
}
