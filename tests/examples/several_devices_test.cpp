// SPDX-License-Identifier: MIT
// What the trainers train, on several devices whose kernels run on the host, beside the same on one: where runs end,
// how they stop and go on, and what becomes of errors.

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/train/settings.hpp"

#include "classifier/classifier_on.hpp"
#include "common/command_line.hpp"
#include "device/host_device.hpp"
#include "examples/small_runs.hpp"
#include "support/compare.hpp"
#include "support/temporary_folder.hpp"

namespace several_devices_test {

using namespace small_runs;
namespace fs = std::filesystem;
using support::OnHostDevice;

/// Of two and three devices beside one. Batches of 3 and in the end 2 images: the first of three devices has none.
constexpr std::int64_t batch_size = 3;
constexpr std::int64_t steps = 6;

/// Adam divides by the size of a gradient, so that small ones bring their rounding along; measured: 5e-7.
constexpr double tolerance = 2e-4;

/// Quick to train. A bias before BatchNorm has gradients of rounding alone, which Adam would make steps of.
struct SmallAutoencoder {
  using Encoder =
      lamina::Sequential<lamina::Conv2d<1, 2, 4, 4, 0, lamina::Bias::no>, lamina::BatchNorm2d<2>,
                         lamina::ReLU, lamina::Flatten, lamina::Linear<98, 128>>;
  using Decoder = lamina::Sequential<lamina::Linear<128, 98>, lamina::Unflatten<2, 7, 7>,
                                     lamina::ConvTranspose2d<2, 1, 4, 4>, lamina::Sigmoid>;
  using Net = lamina::Sequential<Encoder, Decoder>;
};

struct Trained {
  Values figures;  ///< of the steps, and of the last epoch
  Values state;    ///< of the model and its optimiser
  bool interrupted = false;
  std::int64_t steps = 0;  ///< where the run stands
};

/// Gets the number of the step, or of the epoch, that was done.
using Look = std::function<void(std::int64_t)>;

template <AutoencoderKind Kind>
Trained train_autoencoder(const fs::path& out, RunOptions options, const Look& after_step = {},
                          const Look& end_of_epoch = {}) {
  AutoencoderOf<Kind, OnHostDevice> learner(lamina::Seed{3});
  options.batch_size = batch_size;
  SmallRun run(out, options);
  std::int64_t done = 0;
  Trained result;
  result.figures = run.train(
      learner,
      {.end_of_epoch =
           [&](std::int64_t epoch, const lamina::train::EpochTime&) {
             if (end_of_epoch) end_of_epoch(epoch);
             return Values{mean_squared_error(learner, run.data().test)};
           },
       .learning_rate =
           [](std::int64_t step) { return ScheduleOptions{.schedule = "cosine"}.at(step, steps); },
       .after_step =
           [&](const lamina::train::Figures& figures) {
             ++done;
             if (after_step) after_step(done);
             return figures;
           },
       .figures_every = 1});
  for (const char* part : {"model.", "adam."})
    for (const double value : state_of(learner, part))
      result.state.push_back(value);
  result.interrupted = run.interrupted();
  result.steps = run.position().step;
  return result;
}

TEST(SeveralDevices, AnAutoencoderLearnsAsOnOne) {
  const support::TemporaryFolder folder;
  const auto one = train_autoencoder<FullyConnected>(folder / "1", {});
  EXPECT_EQ(one.steps, steps);
  for (const std::int64_t devices : {2, 3}) {
    const auto number = std::to_string(devices);
    const auto all = train_autoencoder<FullyConnected>(folder / number, {.devices = devices});
    EXPECT_TRUE(support::near_relative("state " + number, all.state, one.state, tolerance));
    EXPECT_TRUE(support::near_relative("figures " + number, all.figures, one.figures, tolerance));
  }
}

TEST(SeveralDevices, AGanLearnsAsOnOneWhileItIsLookedAt) {
  const support::TemporaryFolder folder;
  const auto run = [&](std::int64_t devices) {
    return train_gan<OnHostDevice>(folder / std::to_string(devices),
                                   {.batch_size = batch_size, .devices = devices}, 1, 1);
  };
  const auto one = run(1);
  for (const std::int64_t devices : {2, 3})
    EXPECT_TRUE(support::near_relative(std::to_string(devices), run(devices), one, tolerance));
}

/// Its images are standardised on the way to the model.
TEST(SeveralDevices, AClassifierLearnsAsOnOne) {
  const support::TemporaryFolder folder;
  const auto train = [&](std::int64_t devices) {
    ClassifierOn<OnHostDevice> learner(lamina::Seed{3});
    SmallRun run(folder / std::to_string(devices), {.batch_size = batch_size, .devices = devices});
    Values values = run.train(
        learner, {.end_of_epoch = [](auto&&...) { return Values{0.0}; }, .figures_every = 1});
    for (const double value : state_of(learner, "model."))
      values.push_back(value);
    return values;
  };
  EXPECT_TRUE(support::near_relative("classifier", train(2), train(1), tolerance));
}

/// When somebody asks to stop, the others have long looked. One of the runs stops behind the last step of an epoch.
TEST(SeveralDevices, ARunStopsOnAllOfThemAndGoesOnOnOneOrMore) {
  using namespace std::chrono_literals;
  const support::TemporaryFolder folder;
  const auto straight = train_autoencoder<SmallAutoencoder>(folder / "straight", {});
  struct Case {
    std::int64_t first, second, stop;
  };
  for (const auto& [first, second, stop] : {Case{3, 3, 4}, Case{2, 1, 4}, Case{1, 2, 3}}) {
    const auto out = folder / (std::to_string(first) + "-" + std::to_string(second));
    const auto stopped = train_autoencoder<SmallAutoencoder>(out, {.devices = first},
                                                             [stop = stop](std::int64_t step) {
                                                               if (step != stop) return;
                                                               std::this_thread::sleep_for(20ms);
                                                               std::raise(SIGINT);
                                                             });
    EXPECT_TRUE(stopped.interrupted);
    EXPECT_EQ(stopped.steps, stop);
    const auto resumed =
        train_autoencoder<SmallAutoencoder>(out, {.resume = true, .devices = second});
    EXPECT_EQ(resumed.steps, steps);
    EXPECT_TRUE(
        support::near_relative(out.filename().string(), resumed.state, straight.state, tolerance));
  }
  const auto ended =
      train_autoencoder<SmallAutoencoder>(folder / "steps", {.steps = 4, .devices = 2});
  EXPECT_FALSE(ended.interrupted);
  EXPECT_EQ(ended.steps, 4) << "the steps that were asked for";
}

TEST(SeveralDevices, AnErrorOfTheFirstEndsTheOthers) {
  const support::TemporaryFolder folder;
  const auto full_disk = [](std::int64_t when) {
    if (when == 1) throw std::domain_error("full disk");
  };
  const RunOptions three{.devices = 3};
  EXPECT_THROW(train_autoencoder<SmallAutoencoder>(folder / "epoch", three, {}, full_disk),
               std::domain_error);
  EXPECT_THROW(train_autoencoder<SmallAutoencoder>(folder / "step", three, full_disk),
               std::domain_error);
}

TEST(SeveralDevices, ADivergedRunSaysSo) {
  const support::TemporaryFolder folder;
  AutoencoderOf<SmallAutoencoder, OnHostDevice> learner(lamina::Seed{3});
  SmallRun run(folder / "run", {.devices = 2});
  EXPECT_THROW(run.train(learner, {.end_of_epoch = [](auto&&...) { return Values{0.0}; },
                                   .learning_rate = [](std::int64_t) { return 1e38F; }}),
               lamina::train::Diverged);
}

/// The exit code of a trainer that is told so many devices.
int exit_code(const std::string& devices,
              const std::function<void(TrainerOptions&, const CommandLine&)>& run) {
  TrainerOptions options;
  CommandLine line("Trains.", "trainer");
  options.add_to(line);
  std::vector<std::string> texts{"trainer", "--devices", devices};
  std::vector<char*> arguments;
  for (std::string& text : texts)
    arguments.push_back(text.data());
  return line.run(static_cast<int>(arguments.size()), arguments.data(), [&] {
    run(options, line);
    return 0;
  });
}

TEST(SeveralDevices, AreNotCpus) {
  const support::TemporaryFolder folder;
  const auto begin = [&](TrainerOptions& options, const CommandLine& line) {
    options.out = (folder / "run").string();
    open_run(options, line, "");
  };
  testing::internal::CaptureStderr();
  EXPECT_EQ(exit_code("2", begin), 2);
  EXPECT_EQ(exit_code("0", begin), 2);
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("--devices 2 is for GPUs"), std::string::npos) << said;
  EXPECT_FALSE(fs::exists(folder / "run"));
  EXPECT_EQ(exit_code("1", begin), 0);
}

TEST(SeveralDevices, MayBeOthersInAResumedRun) {
  lamina::train::Settings before;
  EXPECT_EQ(exit_code("4", [&](TrainerOptions& options,
                               const CommandLine&) { before = options.remembered.settings(); }),
            0);
  EXPECT_EQ(exit_code("2",
                      [&](TrainerOptions& options, const CommandLine& line) {
                        options.remembered.adopt(before, line);
                        EXPECT_EQ(options.devices, 2);
                      }),
            0);
  TrainerOptions not_told;
  CommandLine line("Trains.", "trainer");
  not_told.add_to(line);
  not_told.remembered.adopt(before, line);
  EXPECT_EQ(not_told.devices, 4);
}

}  // namespace several_devices_test
