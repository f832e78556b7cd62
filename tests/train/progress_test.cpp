// SPDX-License-Identifier: MIT
// Progress: few plain lines without control characters off a terminal, one line within its width on
// a terminal.

#include "lamina/train/progress.hpp"

#include <algorithm>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace progress_test {

using lamina::train::ProgressBar;
using lamina::train::ProgressOutput;
using lamina::train::ProgressStyle;

/// A bar that writes into a string and whose time only passes when told.
struct Progress : testing::Test {
  ProgressOutput output(ProgressStyle style, int width = 100) {
    return {.stream = &text, .style = style, .width = width, .unicode = false, .clock = [this] {
              return now;
            }};
  }
  /// 100 images, one at a time, `seconds` each.
  void run(ProgressBar& bar, double seconds) {
    for (std::size_t image = 1; image <= 100; ++image) {
      now += seconds;
      bar.update(image, {{"loss", 0.5}});
    }
  }
  std::ostringstream text;
  double now = 1000;
};

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

TEST_F(Progress, PlainLinesHaveNoControlCharacters) {
  ProgressBar bar{"epoch 1/3", 100, 200, output(ProgressStyle::lines)};
  run(bar, 1);
  bar.finish({{"train_mse", 0.0125}, {"test_mse", 0.013}});
  EXPECT_EQ(text.str().find('\r'), std::string::npos);
  EXPECT_EQ(text.str().find('\x1b'), std::string::npos);
  EXPECT_EQ(lines(text.str()), 10U) << text.str();
  EXPECT_NE(text.str().find("epoch 1/3   50 %  loss 0.5  1.0 images/s  0:50 left, run 4:10\n"),
            std::string::npos)
      << text.str();
  EXPECT_TRUE(
      text.str().ends_with("epoch 1/3  train_mse 0.0125  test_mse 0.013  1.0 images/s  1:40\n"))
      << text.str();
}

TEST_F(Progress, AQuickEpochIsOneLine) {
  ProgressBar bar{"epoch 1/3", 100, 0, output(ProgressStyle::lines)};
  run(bar, 0.0001);
  bar.finish({{"loss", 0.5}});
  EXPECT_EQ(text.str(), "epoch 1/3  loss 0.5  10,000 images/s  0:00\n");
}

TEST_F(Progress, ASlowEpochIsNotSilent) {
  ProgressBar bar{"epoch 1/1", 100000, 0, output(ProgressStyle::lines)};
  for (std::size_t image = 1; image <= 100; ++image) {
    now += 1;
    bar.update(image, {{"loss", 0.5}});
  }
  EXPECT_EQ(lines(text.str()), 3U) << text.str();
}

TEST_F(Progress, QuietIsQuiet) {
  {
    ProgressBar bar{"epoch 1/3", 100, 0, output(ProgressStyle::quiet)};
    run(bar, 1);
    bar.finish({{"loss", 0.5}});
    EXPECT_DOUBLE_EQ(bar.seconds(), 100);
    EXPECT_DOUBLE_EQ(bar.images_per_second(), 1);
  }
  EXPECT_EQ(text.str(), "");
}

TEST_F(Progress, ATerminalLineStaysWithinEachWidth) {
  for (int width = 1; width <= 160; ++width) {
    text.str("");
    ProgressBar bar{"epoch 12/20", 100, 4000, output(ProgressStyle::redrawn, width)};
    run(bar, 0.5);
    std::istringstream redrawn{text.str()};
    for (std::string line; std::getline(redrawn, line, '\r');) {
      const auto visible = line.substr(0, line.find("\x1b[K"));
      ASSERT_LT(visible.size(), static_cast<std::size_t>((std::max)(width, 1))) << visible;
    }
    EXPECT_EQ(lines(text.str()), 0U);
  }
  EXPECT_NE(text.str().find(
                "epoch 12/20 ############............  50 %  loss 0.5  2.0 images/s  0:25 left"),
            std::string::npos)
      << text.str();
}

TEST_F(Progress, ATerminalIsRedrawnAtMostTenTimesASecond) {
  ProgressBar bar{"epoch 1/1", 100, 0, output(ProgressStyle::redrawn)};
  run(bar, 0.001);
  EXPECT_EQ(std::ranges::count(text.str(), '\r'), 2) << "at the start and at the end";
}

TEST_F(Progress, AnAbandonedTerminalLineIsEnded) {
  {
    ProgressBar bar{"epoch 1/1", 100, 0, output(ProgressStyle::redrawn)};
  }
  EXPECT_TRUE(text.str().ends_with("\n"));
}

TEST_F(Progress, TheClockOfTheEpochStopsWithItsLastImage) {
  ProgressBar bar{"epoch 1/1", 100, 0, output(ProgressStyle::lines)};
  run(bar, 0.01);
  now += 100;  // an evaluation
  bar.update(100, {});
  bar.finish({});
  EXPECT_NEAR(bar.seconds(), 1, 1e-9);
}

TEST_F(Progress, NothingToDoIsDone) {
  ProgressBar bar{"epoch 1/1", 0, 0, output(ProgressStyle::redrawn)};
  bar.update(0, {});
  bar.finish({});
  EXPECT_EQ(text.str().find("nan"), std::string::npos) << text.str();
}

TEST(ProgressText, Clock) {
  EXPECT_EQ(lamina::train::detail::clock_text(0), "0:00");
  EXPECT_EQ(lamina::train::detail::clock_text(59.6), "1:00");
  EXPECT_EQ(lamina::train::detail::clock_text(3723), "1:02:03");
}

TEST(ProgressText, Rate) {
  EXPECT_EQ(lamina::train::detail::rate_text(4.25), "4.2");
  EXPECT_EQ(lamina::train::detail::rate_text(999), "999");
  EXPECT_EQ(lamina::train::detail::rate_text(1234567), "1,234,567");
}

}  // namespace progress_test
