// SPDX-License-Identifier: MIT
// Trains a diffusion model on Fashion-MNIST and makes images of noise with it.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "common/epoch_means.hpp"
#include "common/numbers.hpp"
#include "common/score.hpp"
#include "common/training.hpp"
#include "report.hpp"

namespace examples {
namespace {

using Image = UNet::Image;

struct DiffusionOptions : TrainerOptions {
  ScheduleOptions schedule{.learning_rate = 2e-3, .schedule = "cosine"};
  std::string noise = "cosine";
  std::int64_t process_steps = 1000;
  std::int64_t sampler_steps = 50;
  double ema = 0.999;
  ScoreOptions score;

  lamina::NoiseSchedule noise_schedule() const {
    const auto count = static_cast<std::size_t>(process_steps);
    return noise == "linear" ? lamina::NoiseSchedule::linear(count)
                             : lamina::NoiseSchedule::cosine(count);
  }
  lamina::Sampler sampler() const { return {static_cast<std::size_t>(sampler_steps), 0.0}; }
};

double score_of(DiffusionLearner& diffusion, Score& score, const lamina::Sampler& sampler) {
  const EvaluationMode evaluation(diffusion);
  lamina::Tensor<Image> unit;
  return score.of([&](std::size_t first, std::size_t count) -> lamina::TensorRef<Image> {
    const auto images = diffusion.sample(count, sampler, first + 10);
    unit.resize(count);
    for (std::size_t i = 0; i < images.span().size(); ++i)
      unit.data()[i] = 0.5F * images.span()[i] + 0.5F;
    return unit;
  });
}

void draw_mosaic(DiffusionLearner& diffusion, const lamina::Sampler& sampler, const OpenRun& run,
                 std::int64_t epoch) {
  const auto folder = run.folder.path() / "mosaics";
  std::filesystem::create_directories(folder);
  const std::string number = std::to_string(epoch);
  write_png(folder / ("epoch-" + std::string(number.size() < 3 ? 3 - number.size() : 0, '0') +
                      number + ".png"),
            draw_samples(diffusion, sampler, 64, "epoch " + number));
}

int run(DiffusionOptions& options, const CommandLine& line) {
  if (options.sampler_steps > options.process_steps)
    throw UsageError("--sampler-steps must not be more than --process-steps");
  const OpenRun opened = open_run(options, line, "", options.schedule);
  const auto data = load_data(options);
  say_start("Diffusion model", options, data);

  const auto learner = make_diffusion(lamina::Seed{options.seed}, options.noise_schedule(),
                                      static_cast<float>(options.ema), options.on());
  EpochMeans<1> means;
  learner->states().add("epoch_means.", means.state());
  TrainingRun training(options, opened, learner->states(),
                       {"train_loss", "test_loss", "score", "seconds", "images_per_second"});
  Score score(data.test);
  const std::int64_t steps = training.steps(data.train.size());
  training.train(
      *learner, data.train, lamina::PixelRange::symmetric,
      {.end_of_epoch = [&](std::int64_t epoch,
                           const lamina::train::EpochTime& time) -> std::vector<double> {
         const double train_loss = means.take().front();
         learner->swap_averages();
         const double test_loss = learner->evaluate(data.test);
         draw_mosaic(*learner, options.sampler(), opened, epoch);
         const double scored_as = options.score.due(epoch, options.epochs)
                                      ? score_of(*learner, score, options.sampler())
                                      : not_taken;
         learner->swap_averages();
         return {train_loss, test_loss, scored_as, time.seconds, time.images_per_second};
       },
       .learning_rate = [&](std::int64_t step) { return options.schedule.at(step, steps); },
       .after_step =
           [&](const lamina::train::Figures& figures) {
             if (!figures.empty()) means.add({figures.front().value});
             return figures;
           }});
  learner->swap_averages();
  save_trained(opened.folder / "model.safetensors", {learner->states().fetch("model.", "")});
  write_report(*learner, data, opened, training.metrics(), training.interrupted(),
               options.sampler(), options.machine());
  return training.finish();
}

}  // namespace
}  // namespace examples

int main(int argc, char** argv) {
  examples::DiffusionOptions options;
  options.epochs = 10;
  examples::CommandLine line(
      "Trains a diffusion model on Fashion-MNIST and makes images of noise with it.", "diffusion");
  options.add_to(line);
  auto& remembered = options.remembered;
  options.schedule.add_to(line, remembered);
  const auto any_number = examples::between(std::int64_t{1}, std::int64_t{100'000});
  remembered.add(line, "--noise", options.noise, "noise schedule",
                 examples::one_of({"linear", "cosine"}));
  remembered.add(line, "--process-steps", options.process_steps, "steps from an image to noise",
                 any_number);
  remembered.add(line, "--sampler-steps", options.sampler_steps,
                 "steps that DDIM takes from noise to an image", any_number);
  remembered.add(line, "--ema", options.ema, "decay of the average of the weights",
                 examples::between(0.0, 0.999999));
  options.score.add_to(line, remembered);
  return line.run(argc, argv, [&] { return examples::run(options, line); });
}
