// SPDX-License-Identifier: MIT
// Trains a DCGAN on Fashion-MNIST, says whether it was stable and what its images are worth; studies
// several settings.

#include <cstdint>
#include <string>

#include "lamina/core/threads.hpp"

#include "report.hpp"
#include "study.hpp"
#include "training.hpp"

namespace examples {
namespace {

int run(DcganOptions& options, const std::string& study, const CommandLine& line) {
  if (!study.empty()) {
    if (options.threads > 0) lamina::set_num_threads(options.threads);
    options.require_devices();
    return run_study(options, study);
  }
  const OpenRun opened = open_run(options, line, options.model);
  const auto data = load_data(options);
  say_start("DCGAN-" + options.model, options, data);
  const DcganOutcome outcome = train_dcgan(options, opened, data);
  write_report(options, opened, data, outcome);
  return outcome.exit_code;
}

void add_options(DcganOptions& options, CommandLine& line) {
  auto& remembered = options.remembered;
  remembered.add(line, "--model", options.model,
                 "28: for images of 28 x 28; 64: resized to 64 x 64", one_of({"28", "64"}));
  remembered.add(line, "--width", options.width,
                 "channels of the generator's last hidden layer (model 28)", one_of({"64", "128"}));
  options.add_to(line);
  remembered.add(line, "--loss", options.loss, "what both sides minimise",
                 one_of({"non-saturating", "wasserstein", "hinge"}));
  remembered.add(line, "--learning-rate", options.learning_rate, "Adam's, of the discriminator",
                 positive());
  remembered.add(line, "--generator-learning-rate", options.generator_learning_rate,
                 "Adam's, of the generator; 0: the same", not_negative());
  remembered.add(line, "--beta1", options.beta1, "Adam's decay of the first moment",
                 between(0.0, 0.9999));
  remembered.add(line, "--label-smoothing", options.label_smoothing,
                 "real images are labelled 1 minus this", between(0.0, 0.5));
  remembered.add(line, "--discriminator-steps", options.discriminator_steps,
                 "steps of the discriminator for each of the generator",
                 between(std::int64_t{1}, std::int64_t{100}));
  remembered.add(line, "--clip", options.clip, "bound of the weights (wasserstein)", positive());
  remembered.add(line, "--log-every", options.log_every, "steps between lines of steps.csv",
                 positive());
  remembered.add(line, "--mosaic-every", options.mosaic_every, "steps between mosaics", positive());
  options.score.add_to(line, remembered);
}

}  // namespace
}  // namespace examples

int main(int argc, char** argv) {
  examples::DcganOptions options;
  options.epochs = 5;
  std::string study;
  examples::CommandLine line("Trains a DCGAN on Fashion-MNIST, or studies several settings.",
                             "dcgan");
  examples::add_options(options, line);
  line.add("--study", study, "CSV file with a setting a line, each of which is trained",
           examples::existing_file());
  return line.run(argc, argv, [&] { return examples::run(options, study, line); });
}
