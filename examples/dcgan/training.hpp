// SPDX-License-Identifier: MIT
#pragma once
// One run of a DCGAN: training, mosaics of the same latent vectors on the way, score and stability.

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "lamina/plot/mosaic.hpp"
#include "lamina/plot/png.hpp"

#include "common/epoch_means.hpp"
#include "common/images.hpp"
#include "common/numbers.hpp"
#include "common/run_report.hpp"
#include "common/score.hpp"
#include "common/training.hpp"
#include "networks.hpp"
#include "stability.hpp"

namespace examples {

struct DcganOptions : TrainerOptions {
  std::string model = "28";
  int width = 128;
  std::string loss = "non-saturating";
  double learning_rate = 2e-4;
  double generator_learning_rate = 0.0;  ///< 0: the discriminator's
  double beta1 = 0.5;
  double label_smoothing = 0.0;
  int discriminator_steps = 1;
  double clip = 0.01;
  std::int64_t log_every = 20;
  std::int64_t mosaic_every = 200;
  ScoreOptions score;

  lamina::GanOptions gan() const {
    const auto rate = static_cast<float>(learning_rate);
    return {.loss = loss == "hinge"         ? lamina::GanLoss::hinge
                    : loss == "wasserstein" ? lamina::GanLoss::wasserstein
                                            : lamina::GanLoss::non_saturating,
            .discriminator_learning_rate = rate,
            .generator_learning_rate =
                generator_learning_rate > 0.0 ? static_cast<float>(generator_learning_rate) : rate,
            .beta1 = static_cast<float>(beta1),
            .real_label = static_cast<float>(1.0 - label_smoothing),
            .discriminator_steps = discriminator_steps,
            .clip = static_cast<float>(clip)};
  }
};

/// The figures of a step, as metrics.csv and steps.csv name them.
inline const std::vector<std::string> step_names{"d_loss", "g_loss",       "d_real",
                                                 "d_fake", "d_fake_after", "d_accuracy"};

inline std::vector<double> figures_of(const lamina::GanStep& step) {
  return {step.discriminator_loss, step.generator_loss, step.real, step.fake,
          step.fake_after,         step.accuracy};
}

/// What a run left behind for its page, and for the page of a study.
struct DcganOutcome {
  lamina::train::MetricsTable metrics;
  lamina::train::MetricsTable steps;
  std::vector<std::pair<std::int64_t, lamina::plot::Picture>> mosaics;  ///< step and picture
  double score = not_taken;
  Stability stability;
  bool interrupted = false;
  int exit_code = 0;
};

template <DcganKind Kind>
class DcganRun {
 public:
  using Image = typename Kind::Image;
  using Latent = typename Kind::Latent;

  DcganRun(const DcganOptions& options, const OpenRun& run,
           const lamina::datasets::FashionMnist& data)
      : options_{options},
        run_{run},
        train_{sized(data.train)},
        test_{sized(data.test)},
        score_{data.test},
        gan_{lamina::Seed{options.seed}, options.gan()},
        fixed_{shown} {
    lamina::Cpu::normal(fixed_.span().size(), fixed_noise(), 0, fixed_.data());
  }

  DcganOutcome train() {
    TrainingRun training(options_, run_,
                         {{"generator.", gan_.generator().state()},
                          {"discriminator.", gan_.discriminator().state()},
                          {"generator_adam.", gan_.generator_adam().state()},
                          {"discriminator_adam.", gan_.discriminator_adam().state()},
                          {"epoch_means.", means_.state()}},
                         {{"generator_passes", &gan_.generator().training_passes()},
                          {"discriminator_passes", &gan_.discriminator().training_passes()}},
                         metric_names());
    auto steps = training.step_metrics("steps.csv", step_names);
    const auto& at = training.position();
    bool diverged = false;
    try {
      training.train(
          train_, lamina::PixelRange::symmetric,
          [&](const lamina::Batch<Image>& batch) -> lamina::train::Figures {
            const auto step = gan_.step(batch.images, static_cast<std::uint64_t>(at.step));
            const auto figures = figures_of(step);
            means_.add(figures);
            const std::int64_t done = at.step + 1;
            if (done % options_.log_every == 0) {
              auto row = figures;
              row.insert(row.begin(), static_cast<double>(done));
              steps.append(row);
            }
            if (done % options_.mosaic_every == 0) draw_mosaic(done);
            return {{"D", step.discriminator_loss}, {"G", step.generator_loss}};
          },
          [&](std::int64_t epoch, const lamina::train::EpochTime& time) {
            auto row = means_.take();
            row.push_back(relative_diversity());
            row.push_back(options_.score.due(epoch, options_.epochs) ? score() : not_taken);
            row.push_back(time.seconds);
            row.push_back(time.images_per_second);
            return row;
          });
    } catch (const lamina::train::Diverged& error) {
      std::cerr << run_.folder.path().string() << ": " << error.what() << '\n';
      diverged = true;
    }
    DcganOutcome outcome;
    outcome.metrics = training.metrics();
    outcome.steps = steps.table();
    outcome.interrupted = training.interrupted();
    outcome.stability = judge_stability(outcome.steps, relative_diversity(), diverged);
    if (!diverged) {
      draw_mosaic(at.step);
      const double scored = at.batch == 0 ? outcome.metrics.last("score") : not_taken;
      outcome.score = std::isnan(scored) ? score() : scored;
      save_trained(run_.folder / "generator.safetensors", {{"", gan_.generator().state()}});
      save_trained(run_.folder / "discriminator.safetensors", {{"", gan_.discriminator().state()}});
    }
    outcome.mosaics = read_mosaics();
    outcome.exit_code = diverged ? 1 : training.finish();
    return outcome;
  }

  /// The score of generated images in evaluation mode.
  double score() {
    const EvaluationMode evaluation(gan_.generator());
    AsClassified<Image> as_classified;
    lamina::Tensor<Latent> z;
    return score_.of([&](std::size_t first, std::size_t count) {
      z.resize(count);
      lamina::Cpu::normal(z.span().size(), fixed_noise(), first + 1, z.data());
      return as_classified(gan_.generate(z));
    });
  }

 private:
  static constexpr std::size_t shown = 64;

  static lamina::Dataset<Image> sized(const lamina::Dataset<Classifier::Image>& images) {
    if constexpr (std::same_as<Image, Classifier::Image>)
      return images;
    else
      return resized<Classifier::Image, Image>(images);
  }

  static std::vector<std::string> metric_names() {
    auto names = step_names;
    for (const char* more : {"diversity", "score", "seconds", "images_per_second"})
      names.emplace_back(more);
    return names;
  }

  lamina::Philox fixed_noise() const {
    return {lamina::Seed{options_.seed}, lamina::Stream::latent, 1};
  }

  /// What the generator makes of the fixed latent vectors, in evaluation mode.
  lamina::Tensor<Image> fixed_images() {
    const EvaluationMode evaluation(gan_.generator());
    return lamina::Tensor<Image>(gan_.generate(fixed_));
  }

  /// How different the fixed images are, beside the first test images.
  double relative_diversity() {
    auto real = lamina::batches(test_, shown, lamina::InOrder{}, lamina::PixelRange::symmetric);
    const auto images = fixed_images();
    return diversity(static_cast<const lamina::TensorRef<Image>&>(images)) /
           diversity(static_cast<const lamina::TensorRef<Image>&>((*real.begin()).images));
  }

  std::filesystem::path mosaic_file(std::int64_t step) const {
    const std::string number = std::to_string(step);
    return run_.folder.path() / "mosaics" /
           ("step-" + std::string(number.size() < 6 ? 6 - number.size() : 0, '0') + number +
            ".png");
  }

  void draw_mosaic(std::int64_t step) {
    std::filesystem::create_directories(run_.folder.path() / "mosaics");
    const auto images = fixed_images();
    lamina::plot::save_png(
        mosaic_file(step),
        lamina::plot::grid(lamina::plot::pictures_of(images.array(), {.black = -1, .white = 1}), 8,
                           "step " + std::to_string(step), {.scale = Image::dims[1] > 32 ? 1 : 2}));
  }

  /// All that lie in the folder, in the order of their steps: also those from before a resume.
  std::vector<std::pair<std::int64_t, lamina::plot::Picture>> read_mosaics() const {
    std::vector<std::pair<std::int64_t, lamina::plot::Picture>> mosaics;
    std::error_code none;
    for (const auto& entry :
         std::filesystem::directory_iterator(run_.folder.path() / "mosaics", none)) {
      const std::string name = entry.path().stem().string();
      if (!name.starts_with("step-") || entry.path().extension() != ".png") continue;
      mosaics.emplace_back(std::stoll(name.substr(5)), lamina::plot::load_png(entry.path()));
    }
    std::ranges::sort(mosaics, {}, [](const auto& mosaic) { return mosaic.first; });
    return mosaics;
  }

  const DcganOptions& options_;
  const OpenRun& run_;
  lamina::Dataset<Image> train_;
  lamina::Dataset<Image> test_;
  Score score_;
  GanOf<Kind> gan_;
  lamina::Tensor<Latent> fixed_;
  EpochMeans<6> means_;
};

}  // namespace examples
