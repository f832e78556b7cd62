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

#include "device/host_device.hpp"
#include "examples/small_runs.hpp"
#include "support/compare.hpp"
#include "support/temporary_folder.hpp"

namespace devices_test {

using namespace small_runs;
namespace fs = std::filesystem;
using support::OnHostDevice;

/// Adam divides by the size of a gradient, so that small ones bring their rounding along.
constexpr double tolerance = 2e-3;

using OnDevice = AutoencoderOf<FullyConnected, OnHostDevice>;

std::unique_ptr<AutoencoderLearner> autoencoder_on(Device device) {
  const lamina::Seed seed{3};
  if (device == Device::cpu) return make_autoencoder(FullyConnected::name, seed, device);
  return std::make_unique<OnDevice>(seed);
}

/// Two epochs of four steps: on a device the first runs as it is, one is recorded and run, one is launched, and
/// the last has figures and runs as it is. The model and the test error behind a run, of which a part may have been on another device before.
Values train_autoencoder(const fs::path& out, Device device, std::int64_t steps, bool resume) {
  const auto learner = autoencoder_on(device);
  SmallRun run(out, {.resume = resume, .steps = steps});
  double error = 0.0;
  run.train(*learner, {.end_of_epoch =
                           [&](std::int64_t, const lamina::train::EpochTime&) {
                             error = mean_squared_error(*learner, run.data().test);
                             return Values{error};
                           },
                       .learning_rate = [](std::int64_t) { return 1e-3F; }});
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

TEST(Devices, AGanLearnsTheSameWhileItIsLookedAt) {
  const support::TemporaryFolder folder;
  for (const int discriminator_steps : {1, 2}) {
    const auto number = std::to_string(discriminator_steps);
    const auto cpu = train_gan<lamina::Cpu>(folder / ("cpu" + number), {}, discriminator_steps, 1);
    // All of its figures are asked for, so that none of its steps is captured.
    const auto plain =
        train_gan<OnHostDevice>(folder / ("plain" + number), {}, discriminator_steps, 1);
    EXPECT_TRUE(support::near_relative("figures and states", plain, cpu, tolerance));
    const auto captured =
        train_gan<OnHostDevice>(folder / ("captured" + number), {}, discriminator_steps, 4);
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
