// SPDX-License-Identifier: MIT
#pragma once
// Small runs of the trainers' learners: an autoencoder and a GAN, on a few images of the subset.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "lamina/generative/gan.hpp"
#include "lamina/lamina.hpp"

#include "common/autoencoder_of.hpp"
#include "common/evaluation.hpp"
#include "common/images.hpp"
#include "common/training.hpp"
#include "dcgan/gan_of.hpp"

namespace small_runs {

using namespace examples;
using Values = std::vector<double>;

inline lamina::datasets::FashionMnist few_images() {
  auto data =
      lamina::datasets::fashion_mnist(std::string(LAMINA_TEST_DATA) + "/fashion-mnist-subset");
  data.train = data.train.first(8);
  data.test = data.test.first(4);
  return data;
}

/// The parameters of a trained model, one behind the other.
inline Values state_of(Learner<Image>& learner, const std::string& prefix) {
  Values all;
  for (const auto& tensor : learner.states().fetch(prefix, "").state.tensors)
    for (const float value : tensor.array())
      all.push_back(value);
  return all;
}

struct RunOptions {
  bool resume = false;
  std::int64_t steps = 0;  ///< 0: two epochs of them
  std::int64_t batch_size = 2;
  std::int64_t devices = 1;
};

/// Two epochs of eight images.
class SmallRun {
 public:
  explicit SmallRun(const std::filesystem::path& out, const RunOptions& run = {}) {
    options_.out = out.string();
    options_.epochs = 2;
    options_.steps = run.steps;
    options_.batch_size = run.batch_size;
    options_.resume = run.resume;
    options_.devices = run.devices;
  }

  /// Returns the figures that each step gave, and the last row of the metrics.
  Values train(Learner<Image>& learner, const TrainingHooks& hooks) {
    const OpenRun opened{options_.resume ? lamina::train::RunFolder::resume(options_.out)
                                         : lamina::train::RunFolder::create_at(options_.out),
                         "test", options_};
    TrainingRun run(options_, opened, learner.states(), {"figure"});
    Values figures;
    TrainingHooks all = hooks;
    all.after_step = [&](const lamina::train::Figures& step) {
      for (const auto& figure : step)
        figures.push_back(figure.value);
      hooks.after_step(step);
      return step;
    };
    run.train(learner, data_.train, lamina::PixelRange::unit, all);
    interrupted_ = run.interrupted();
    at_ = run.position();
    if (!run.metrics().rows.empty()) figures.push_back(run.metrics().last("figure"));
    return figures;
  }

  const lamina::datasets::FashionMnist& data() const { return data_; }

  // Of the last `train`.
  bool interrupted() const { return interrupted_; }
  const lamina::train::Position& position() const { return at_; }

 private:
  lamina::datasets::FashionMnist data_ = few_images();
  TrainerOptions options_;
  bool interrupted_ = false;
  lamina::train::Position at_;
};

struct SmallGan {
  using Latent = GanLatent;
  using Image = examples::Image;
  using Generator =
      lamina::Sequential<lamina::ConvTranspose2d<100, 4, 7>, lamina::BatchNorm2d<4>, lamina::ReLU,
                         lamina::ConvTranspose2d<4, 1, 4, 4>, lamina::Tanh>;
  using Discriminator = lamina::Sequential<lamina::Conv2d<1, 2, 4, 4>, lamina::LeakyReLU<0.2>,
                                           lamina::Conv2d<2, 1, 7>>;
};

/// The figures of all steps and epochs, of mosaics, and the states behind them. Mosaics of more images than a batch
/// has move a device's memory between captured steps.
template <class B>
Values train_gan(const std::filesystem::path& out, const RunOptions& options,
                 int discriminator_steps, std::int64_t figures_every) {
  GanOf<SmallGan, B> gan(lamina::Seed{3}, {.discriminator_steps = discriminator_steps});
  const auto latents = [](std::size_t count) {
    lamina::Tensor<GanLatent> z(count);
    lamina::Cpu::normal(z.span().size(), {lamina::Seed{1}, lamina::Stream::latent}, 0, z.data());
    return z;
  };
  const auto mean_pixel = [&](std::size_t count) {
    const EvaluationMode evaluation(gan);
    double sum = 0.0;
    for (const float pixel : gan.generate(latents(count)).span())
      sum += pixel;
    return sum / static_cast<double>(count * Image::size);
  };
  SmallRun run(out, options);
  int step = 0;
  Values looks;
  auto figures = run.train(
      gan,
      {.end_of_epoch = [&](auto&&...) { return Values{mean_pixel(7)}; },
       .learning_rate = [](std::int64_t number) { return 2e-4F / static_cast<float>(number + 1); },
       .after_step =
           [&](const lamina::train::Figures& shown) {
             if (++step % 3 == 0) looks.push_back(mean_pixel(static_cast<std::size_t>(2 + step)));
             return shown;
           },
       .figures_every = figures_every});
  figures.insert(figures.end(), looks.begin(), looks.end());
  for (const char* part : {"generator.", "discriminator.", "generator_adam."})
    for (const double value : state_of(gan, part))
      figures.push_back(value);
  return figures;
}

}  // namespace small_runs
