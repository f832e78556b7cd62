// SPDX-License-Identifier: MIT
// The training loop by itself: positions, epochs, interruption and divergence, with a step that only
// counts.

#include "lamina/train/loop.hpp"

#include <csignal>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

namespace loop_test {

using namespace lamina;
using Pixel = Shape<1, 1, 1>;

/// Images whose only pixel is their number.
Dataset<Pixel> numbered(std::uint8_t count) {
  Dataset<Pixel> data;
  for (std::uint8_t i = 0; i < count; ++i)
    data.pixels.push_back(i);
  data.labels.assign(count, 0);
  return data;
}

train::LoopOptions quiet(std::int64_t epochs) {
  return {.epochs = epochs,
          .batch_size = 4,
          .seed = Seed{5},
          .progress = {.style = train::ProgressStyle::quiet}};
}

/// Runs and writes down what the step saw: the first pixel of each batch.
struct Recorder {
  std::vector<float> seen;
  std::vector<std::int64_t> epochs;
  int saves = 0;

  train::LoopEnd run(const Dataset<Pixel>& data, std::int64_t count, train::Position& at,
                     std::int64_t interrupt_after = -1) {
    const train::InterruptGuard interrupt;
    return train::run_epochs(
        data, quiet(count), at, interrupt,
        [&](const Batch<Pixel>& batch) {
          seen.push_back(batch.images.span()[0]);
          if (static_cast<std::int64_t>(seen.size()) == interrupt_after) std::raise(SIGINT);
          return 1.0;
        },
        [&](std::int64_t epoch, const train::EpochTime&) { epochs.push_back(epoch); },
        [&] { ++saves; });
  }
};

TEST(Loop, RunsEveryBatchOfEveryEpoch) {
  Recorder recorder;
  train::Position at;
  EXPECT_EQ(recorder.run(numbered(10), 3, at), train::LoopEnd::finished);
  EXPECT_EQ(recorder.seen.size(), 9U);  // 4 + 4 + 2 images, three times
  EXPECT_EQ(recorder.epochs, (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(recorder.saves, 3);
  EXPECT_EQ(at.epoch, 3);
  EXPECT_EQ(at.step, 9);
}

TEST(Loop, InterruptedAnywhereItGoesOnAsIfItHadNeverStopped) {
  const auto data = numbered(10);
  Recorder straight;
  train::Position start;
  straight.run(data, 3, start);
  for (std::int64_t stop = 1; stop < 9; ++stop) {
    train::Position at;
    Recorder first;
    EXPECT_EQ(first.run(data, 3, at, stop), train::LoopEnd::interrupted) << stop;
    EXPECT_GE(first.saves, 1);
    Recorder second;
    EXPECT_EQ(second.run(data, 3, at), train::LoopEnd::finished);
    auto seen = first.seen;
    seen.insert(seen.end(), second.seen.begin(), second.seen.end());
    EXPECT_EQ(seen, straight.seen) << stop;
    auto epochs = first.epochs;
    epochs.insert(epochs.end(), second.epochs.begin(), second.epochs.end());
    EXPECT_EQ(epochs, straight.epochs) << stop;
  }
}

TEST(Loop, ALossThatIsNoNumberEndsTheRunUnsaved) {
  train::Position at;
  const train::InterruptGuard interrupt;
  int saves = 0;
  EXPECT_THROW(train::run_epochs(
                   numbered(10), quiet(2), at, interrupt,
                   [](const Batch<Pixel>&) { return std::numeric_limits<double>::quiet_NaN(); },
                   [](std::int64_t, const train::EpochTime&) {}, [&] { ++saves; }),
               train::Diverged);
  EXPECT_EQ(saves, 0);
}

TEST(Loop, StepsWithoutFiguresAreNoPartOfTheMeans) {
  train::detail::MeanFigures means;
  means.add({});
  EXPECT_TRUE(means.values().empty());
  means.add({{"loss", 3.0}});
  means.add({});
  means.add({{"loss", 5.0}});
  ASSERT_EQ(means.values().size(), 1U);
  EXPECT_EQ(means.values().front().value, 4.0);
}

}  // namespace loop_test
