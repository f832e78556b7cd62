// SPDX-License-Identifier: MIT
// What the trainers train, on a device whose kernels run on the host, beside the same on the CPU: whole runs with
// captured steps and looks in between, and checkpoints that change sides.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/generative/gan.hpp"
#include "lamina/lamina.hpp"

#include "common/autoencoder_of.hpp"
#include "common/evaluation.hpp"
#include "common/images.hpp"
#include "common/training.hpp"
#include "dcgan/gan_of.hpp"
#include "device/host_device.hpp"
#include "support/compare.hpp"
#include "support/temporary_folder.hpp"

namespace devices_test {

using namespace examples;
namespace fs = std::filesystem;
using support::OnHostDevice;
using Values = std::vector<double>;

/// Adam divides by the size of a gradient, so that small ones bring their rounding along.
constexpr double tolerance = 2e-3;

lamina::datasets::FashionMnist few_images() {
  auto data =
      lamina::datasets::fashion_mnist(std::string(LAMINA_TEST_DATA) + "/fashion-mnist-subset");
  data.train = data.train.first(8);
  data.test = data.test.first(4);
  return data;
}

/// The parameters of a trained model, one behind the other.
Values state_of(Learner<Image>& learner, const std::string& prefix) {
  Values all;
  for (const auto& tensor : learner.states().fetch(prefix, "").state.tensors)
    for (const float value : tensor.array())
      all.push_back(value);
  return all;
}

/// Two epochs of four steps: on a device the first runs as it is, one is recorded and run, one is launched, and
/// the last has figures and runs as it is.
class Run {
 public:
  Run(const fs::path& out, bool resume) {
    options_.out = out.string();
    options_.epochs = 2;
    options_.batch_size = 2;
    options_.resume = resume;
  }

  /// Returns the figures that each step gave, and the last row of the metrics.
  Values train(Learner<Image>& learner, const TrainingHooks& hooks, std::int64_t steps = 0) {
    options_.steps = steps;
    const OpenRun opened{options_.resume ? lamina::train::RunFolder::resume(options_.out)
                                         : lamina::train::RunFolder::create_at(options_.out),
                         "test", options_.remembered};
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
    if (!run.metrics().rows.empty()) figures.push_back(run.metrics().last("figure"));
    return figures;
  }

  const lamina::datasets::FashionMnist& data() const { return data_; }

 private:
  lamina::datasets::FashionMnist data_ = few_images();
  TrainerOptions options_;
};

using OnDevice = AutoencoderOf<FullyConnected, OnHostDevice>;

std::unique_ptr<AutoencoderLearner> autoencoder_on(Device device) {
  const lamina::Seed seed{3};
  if (device == Device::cpu) return make_autoencoder(FullyConnected::name, seed, device);
  return std::make_unique<OnDevice>(seed);
}

/// The model and the test error behind a run, of which a part may have been on another device before.
Values train_autoencoder(const fs::path& out, Device device, std::int64_t steps, bool resume) {
  const auto learner = autoencoder_on(device);
  Run run(out, resume);
  double error = 0.0;
  run.train(*learner,
            {.end_of_epoch =
                 [&](std::int64_t, const lamina::train::EpochTime&) {
                   error = mean_squared_error(*learner, run.data().test);
                   return Values{error};
                 },
             .before_step = [&] { learner->set_learning_rate(1e-3F); }},
            steps);
  auto result = state_of(*learner, "model.");
  result.push_back(error);
  return result;
}

TEST(Devices, AnAutoencoderLearnsTheSameAndChangesSidesOnTheWay) {
  const support::TemporaryFolder folder;
  const auto cpu = train_autoencoder(folder / "cpu", Device::cpu, 0, false);
  const auto device = train_autoencoder(folder / "device", Device::cuda, 0, false);
  EXPECT_LT(cpu.back(), 0.15) << "it has learned something";
  EXPECT_TRUE(support::near_relative("on a device", device, cpu, tolerance));
  for (const auto& [first, second] :
       {std::pair{Device::cpu, Device::cuda}, std::pair{Device::cuda, Device::cpu}}) {
    const auto out = folder / (first == Device::cpu ? "there" : "back");
    train_autoencoder(out, first, 5, false);
    EXPECT_TRUE(support::near_relative("with a stop", train_autoencoder(out, second, 0, true), cpu,
                                       tolerance));
  }
}

struct SmallGan {
  using Latent = GanLatent;
  using Image = examples::Image;
  using Generator =
      lamina::Sequential<lamina::ConvTranspose2d<100, 4, 7>, lamina::BatchNorm2d<4>, lamina::ReLU,
                         lamina::ConvTranspose2d<4, 1, 4, 4>, lamina::Tanh>;
  using Discriminator = lamina::Sequential<lamina::Conv2d<1, 2, 4, 4>, lamina::LeakyReLU<0.2>,
                                           lamina::Conv2d<2, 1, 7>>;
};

/// Mosaics of more images than a batch has move a device's memory between captured steps.
template <class B>
Values train_gan(const fs::path& out, int discriminator_steps, std::int64_t figures_every) {
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
  Run run(out, false);
  int step = 0;
  std::vector<double> looks;
  auto figures =
      run.train(gan, {.end_of_epoch = [&](auto&&...) { return Values{mean_pixel(7)}; },
                      .after_step =
                          [&](const lamina::train::Figures& shown) {
                            if (++step % 3 == 0)
                              looks.push_back(mean_pixel(static_cast<std::size_t>(2 + step)));
                            return shown;
                          },
                      .figures_every = figures_every});
  figures.insert(figures.end(), looks.begin(), looks.end());
  for (const char* part : {"generator.", "discriminator.", "generator_adam."})
    for (const double value : state_of(gan, part))
      figures.push_back(value);
  return figures;
}

TEST(Devices, AGanLearnsTheSameWhileItIsLookedAt) {
  const support::TemporaryFolder folder;
  for (const int discriminator_steps : {1, 2}) {
    const auto number = std::to_string(discriminator_steps);
    const auto cpu = train_gan<lamina::Cpu>(folder / ("cpu" + number), discriminator_steps, 1);
    // All of its figures are asked for, so that none of its steps is captured.
    const auto plain = train_gan<OnHostDevice>(folder / ("plain" + number), discriminator_steps, 1);
    EXPECT_TRUE(support::near_relative("figures and states", plain, cpu, tolerance));
    const auto captured =
        train_gan<OnHostDevice>(folder / ("captured" + number), discriminator_steps, 4);
    ASSERT_LE(captured.size(), plain.size());
    // The figures of steps 4 and 8 and what lies behind all of them: the same bits.
    if (discriminator_steps > 1) {
      EXPECT_EQ(captured, plain) << "they are not captured";
      continue;
    }
    constexpr std::size_t each = 6;
    Values expected;
    for (const std::size_t shown : {4U, 8U})
      expected.insert(expected.end(),
                      plain.begin() + static_cast<std::ptrdiff_t>((shown - 1) * each),
                      plain.begin() + static_cast<std::ptrdiff_t>(shown * each));
    expected.insert(expected.end(), plain.begin() + 8 * each, plain.end());
    EXPECT_EQ(captured, expected);
  }
}

TEST(Devices, ACheckpointHasTheSameNamesOnBoth) {
  const auto names = [](Learner<Image>& learner) {
    std::vector<std::string> all;
    for (const auto& [prefix, state] : learner.states().fetch()) {
      for (const auto& tensor : state.tensors)
        all.push_back(prefix + tensor.name());
      for (const auto& counter : state.counters)
        all.push_back(prefix + counter.name);
    }
    return all;
  };
  EXPECT_EQ(names(*autoencoder_on(Device::cuda)), names(*autoencoder_on(Device::cpu)));
}

}  // namespace devices_test
