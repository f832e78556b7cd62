// SPDX-License-Identifier: MIT
// Trains a DCGAN on Fashion-MNIST, says whether it was stable and what its images are worth; studies
// several settings.

#include <filesystem>
#include <string>

#include "report.hpp"
#include "study.hpp"

namespace examples {
namespace {

int run(DcganOptions& options, const std::string& study, const CLI::App& app) {
  if (!study.empty()) {
    if (options.threads > 0) lamina::set_num_threads(options.threads);
    return run_study(options, study);
  }
  const OpenRun opened = open_run(options, app, options.model);
  const auto data = load_data(options);
  say_start("DCGAN-" + options.model, data);
  return with_gan(options.model, options.width, [&]<class Kind>() {
    DcganRun<Kind> gan(options, opened, data);
    const DcganOutcome outcome = gan.train();
    write_report<Kind>(options, opened, data, outcome);
    return outcome.exit_code;
  });
}

void add_options(DcganOptions& options, CLI::App& app) {
  auto& remembered = options.remembered;
  remembered
      .add(app, "--model", options.model, "28: for images of 28 x 28; 64: resized to 64 x 64")
      ->check(CLI::IsMember({"28", "64"}));
  remembered
      .add(app, "--width", options.width,
           "channels of the generator's last hidden layer (model 28)")
      ->check(CLI::IsMember({64, 128}));
  options.add_to(app);
  remembered.add(app, "--loss", options.loss, "what both sides minimise")
      ->check(CLI::IsMember({"non-saturating", "wasserstein", "hinge"}));
  remembered.add(app, "--learning-rate", options.learning_rate, "Adam's, of the discriminator")
      ->check(CLI::PositiveNumber);
  remembered
      .add(app, "--generator-learning-rate", options.generator_learning_rate,
           "Adam's, of the generator; 0: the same")
      ->check(CLI::NonNegativeNumber);
  remembered.add(app, "--beta1", options.beta1, "Adam's decay of the first moment")
      ->check(CLI::Range(0.0, 0.9999));
  remembered
      .add(app, "--label-smoothing", options.label_smoothing,
           "real images are labelled 1 minus this")
      ->check(CLI::Range(0.0, 0.5));
  remembered
      .add(app, "--discriminator-steps", options.discriminator_steps,
           "steps of the discriminator for each of the generator")
      ->check(CLI::Range(1, 100));
  remembered.add(app, "--clip", options.clip, "bound of the weights (wasserstein)")
      ->check(CLI::PositiveNumber);
  remembered.add(app, "--log-every", options.log_every, "steps between lines of steps.csv")
      ->check(CLI::PositiveNumber);
  remembered.add(app, "--mosaic-every", options.mosaic_every, "steps between mosaics")
      ->check(CLI::PositiveNumber);
  options.score.add_to(app, remembered);
}

}  // namespace
}  // namespace examples

int main(int argc, char** argv) {
  examples::DcganOptions options;
  options.epochs = 5;
  std::string study;
  CLI::App app("Trains a DCGAN on Fashion-MNIST, or studies several settings.", "dcgan");
  examples::add_options(options, app);
  app.add_option("--study", study, "CSV file with a setting a line, each of which is trained")
      ->check(CLI::ExistingFile);
  return examples::run_program(app, argc, argv, [&] { return examples::run(options, study, app); });
}
