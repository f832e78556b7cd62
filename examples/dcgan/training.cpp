// SPDX-License-Identifier: MIT
#include "training.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <iostream>
#include <memory>
#include <stdexcept>

#include "lamina/data/batches.hpp"

#include "common/epoch_means.hpp"
#include "common/images.hpp"
#include "common/pictures.hpp"
#include "common/score.hpp"
#include "gan.hpp"
#include "resize.hpp"

namespace examples {
namespace {

template <class Image>
class DcganRun {
 public:
  DcganRun(std::unique_ptr<AnyGan<Image>> gan, const DcganOptions& options, const OpenRun& run,
           const lamina::datasets::FashionMnist& data)
      : options_{options},
        run_{run},
        train_{sized(data.train)},
        test_{sized(data.test)},
        score_{data.test},
        gan_{std::move(gan)},
        fixed_{shown} {
    lamina::Cpu::normal(fixed_.span().size(), fixed_noise(), 0, fixed_.data());
  }

  DcganOutcome train() {
    gan_->states().add("epoch_means.", means_.state());
    TrainingRun training(options_, run_, gan_->states(), metric_names());
    auto steps = training.step_metrics("steps.csv", gan_figures);
    const auto& at = training.position();
    bool diverged = false;
    try {
      training.train(
          *gan_, train_, lamina::PixelRange::symmetric,
          {.end_of_epoch =
               [&](std::int64_t epoch, const lamina::train::EpochTime& time) {
                 auto row = means_.take();
                 row.push_back(relative_diversity());
                 row.push_back(options_.score.due(epoch, options_.epochs) ? score() : not_taken);
                 row.push_back(time.seconds);
                 row.push_back(time.images_per_second);
                 return row;
               },
           .after_step = [&](const lamina::train::Figures& figures) -> lamina::train::Figures {
             const std::int64_t done = at.step + 1;
             if (done % options_.mosaic_every == 0) draw_mosaic(done);
             if (figures.empty()) return {};
             std::vector<double> row;
             for (const auto& figure : figures)
               row.push_back(figure.value);
             means_.add(row);
             row.insert(row.begin(), static_cast<double>(done));
             if (done % options_.log_every == 0) steps.append(row);
             return {{"D", figures[0].value}, {"G", figures[1].value}};
           },
           .figures_every = options_.log_every});
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
      save_trained(run_.folder / "generator.safetensors", {gan_->states().fetch("generator.", "")});
      save_trained(run_.folder / "discriminator.safetensors",
                   {gan_->states().fetch("discriminator.", "")});
    }
    outcome.mosaics = find_mosaics();
    outcome.layer_tables = gan_->layer_tables();
    outcome.exit_code = diverged ? 1 : training.finish();
    return outcome;
  }

  /// The score of generated images in evaluation mode.
  double score() {
    const EvaluationMode evaluation(*gan_);
    AsClassified<Image, Classified> as_classified;
    lamina::Tensor<GanLatent> z;
    return score_.of([&](std::size_t first, std::size_t count) {
      z.resize(count);
      lamina::Cpu::normal(z.span().size(), fixed_noise(), first + 1, z.data());
      return as_classified(gan_->generate(z));
    });
  }

 private:
  using Classified = examples::Image;
  static constexpr std::size_t shown = 64;

  static lamina::Dataset<Image> sized(const lamina::Dataset<Classified>& images) {
    if constexpr (std::same_as<Image, Classified>)
      return images;
    else
      return resized<Image>(images);
  }

  static std::vector<std::string> metric_names() {
    auto names = gan_figures;
    for (const char* more : {"diversity", "score", "seconds", "images_per_second"})
      names.emplace_back(more);
    return names;
  }

  lamina::Philox fixed_noise() const {
    return {lamina::Seed{options_.seed}, lamina::Stream::latent, 1};
  }

  /// What the generator makes of the fixed latent vectors, in evaluation mode.
  lamina::Tensor<Image> fixed_images() {
    const EvaluationMode evaluation(*gan_);
    return lamina::Tensor<Image>(gan_->generate(fixed_));
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
    write_png(mosaic_file(step),
              draw_grid(images, lamina::PixelRange::symmetric, 8, "step " + std::to_string(step),
                        Image::dims[1] > 32 ? 1 : 2));
  }

  /// All that lie in the folder, in the order of their steps: also those from before a resume.
  std::vector<std::filesystem::path> find_mosaics() const {
    std::vector<std::pair<std::int64_t, std::filesystem::path>> found;
    std::error_code none;
    for (const auto& entry :
         std::filesystem::directory_iterator(run_.folder.path() / "mosaics", none)) {
      const std::string name = entry.path().stem().string();
      if (!name.starts_with("step-") || entry.path().extension() != ".png") continue;
      found.emplace_back(std::stoll(name.substr(5)), entry.path());
    }
    std::ranges::sort(found);
    std::vector<std::filesystem::path> mosaics;
    for (auto& [step, path] : found)
      mosaics.push_back(std::move(path));
    return mosaics;
  }

  const DcganOptions& options_;
  const OpenRun& run_;
  lamina::Dataset<Image> train_;
  lamina::Dataset<Image> test_;
  Score score_;
  std::unique_ptr<AnyGan<Image>> gan_;
  lamina::Tensor<GanLatent> fixed_;
  EpochMeans<6> means_;
};

}  // namespace

DcganOutcome train_dcgan(const DcganOptions& options, const OpenRun& run,
                         const lamina::datasets::FashionMnist& data) {
  const lamina::Seed seed{options.seed};
  const Device device = options.on();
  if (options.model == "64")
    return DcganRun(make_gan64(seed, options.gan(), device), options, run, data).train();
  if (options.width == 64)
    return DcganRun(make_gan28_width64(seed, options.gan(), device), options, run, data).train();
  if (options.width == 128)
    return DcganRun(make_gan28_width128(seed, options.gan(), device), options, run, data).train();
  throw std::runtime_error("there is no DCGAN-28 of width " + std::to_string(options.width) +
                           "; choose 64 or 128");
}

}  // namespace examples
