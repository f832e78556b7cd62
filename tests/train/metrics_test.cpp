// SPDX-License-Identifier: MIT
// Metrics: what is written is read back, a damaged file is named, resuming drops what came after
// the checkpoint.

#include "lamina/train/metrics.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"

namespace metrics_test {

using lamina::train::MetricsFile;
using lamina::train::read_metrics;
using support::content;
using support::message_of;
using support::TemporaryFolder;

struct Metrics : testing::Test {
  TemporaryFolder folder;
};

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream{path, std::ios::binary} << text;
}

TEST_F(Metrics, RowsAreOnDiskAtOnceAndReadable) {
  MetricsFile file{folder / "metrics.csv", {"epoch", "train_mse", "seconds"}};
  EXPECT_EQ(content(folder / "metrics.csv"), "epoch,train_mse,seconds\n");
  file.append({1, 0.0125, 4.5});
  EXPECT_EQ(content(folder / "metrics.csv"), "epoch,train_mse,seconds\n1,0.0125,4.5\n");
}

TEST_F(Metrics, FloatsSurviveTheRoundTrip) {
  const float third = 1.0F / 3, tiny = 1.17549435e-38F, big = 3.40282347e38F;
  MetricsFile file{folder / "metrics.csv", {"epoch", "a", "b", "c"}};
  file.append({1, third, tiny, big});
  const auto table = read_metrics(folder / "metrics.csv");
  EXPECT_EQ(static_cast<float>(table.last("a")), third);
  EXPECT_EQ(static_cast<float>(table.last("b")), tiny);
  EXPECT_EQ(static_cast<float>(table.last("c")), big);
}

TEST_F(Metrics, NotANumberAndInfinitySurvive) {
  MetricsFile file{folder / "metrics.csv", {"epoch", "loss", "other"}};
  file.append({1, -std::nan(""), std::numeric_limits<double>::infinity()});
  EXPECT_EQ(content(folder / "metrics.csv"), "epoch,loss,other\n1,nan,inf\n");
  const auto table = read_metrics(folder / "metrics.csv");
  EXPECT_TRUE(std::isnan(table.last("loss")));
  EXPECT_TRUE(std::isinf(table.last("other")));
}

TEST_F(Metrics, ResumingDropsRowsBeyondTheCheckpointAndWritesTheSameBytes) {
  {
    MetricsFile file{folder / "a.csv", {"epoch", "loss"}};
    for (const double epoch : {1.0, 2.0, 3.0})
      file.append({epoch, 1 / (3 * epoch)});
  }
  const auto uninterrupted = content(folder / "a.csv");
  auto file = MetricsFile::resume(folder / "a.csv", {"epoch", "loss"}, 2);
  ASSERT_EQ(file.table().rows.size(), 2U);
  EXPECT_EQ(file.table().column("epoch"), (std::vector<double>{1, 2}));
  EXPECT_EQ(read_metrics(folder / "a.csv").rows.size(), 2U) << "the file still has the dropped row";
  file.append({3, 1 / 9.0});
  EXPECT_EQ(content(folder / "a.csv"), uninterrupted);
}

TEST_F(Metrics, ResumingWithOtherColumnsIsRefusedAndChangesNothing) {
  write(folder / "m.csv", "epoch,loss\n1,2\n");
  const auto message =
      message_of([&] { MetricsFile::resume(folder / "m.csv", {"epoch", "mse"}, 1); });
  EXPECT_NE(message.find("other columns"), std::string::npos) << message;
  EXPECT_EQ(content(folder / "m.csv"), "epoch,loss\n1,2\n");
}

TEST_F(Metrics, ARowOfTheWrongLengthIsRefused) {
  MetricsFile file{folder / "m.csv", {"epoch", "loss"}};
  EXPECT_NE(message_of([&] { file.append({1, 2, 3}); }).find("has 2 figures, got 3"),
            std::string::npos);
  EXPECT_EQ(content(folder / "m.csv"), "epoch,loss\n");
}

struct Damage {
  const char* name;
  const char* text;
  const char* expected;
};

class DamagedMetrics : public testing::TestWithParam<Damage> {
 protected:
  TemporaryFolder folder;
};

TEST_P(DamagedMetrics, IsNamedByFileAndLine) {
  write(folder / "m.csv", GetParam().text);
  const auto message = message_of([&] { read_metrics(folder / "m.csv"); });
  EXPECT_NE(message.find("m.csv', line"), std::string::npos) << message;
  EXPECT_NE(message.find(GetParam().expected), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(
    Metrics, DamagedMetrics,
    testing::Values(Damage{"torn", "epoch,loss\n1,0.5\n2,0.2", "line 3: the last line is cut off"},
                    Damage{"short", "epoch,loss\n1\n", "line 2: expected 2 figures, got 1"},
                    Damage{"long", "epoch,loss\n1,2,3\n", "line 2: expected 2 figures, got 3"},
                    Damage{"text", "epoch,loss\n1,abc\n", "expected a number for loss, got 'abc'"},
                    Damage{"tail", "epoch,loss\n1,0.5x\n",
                           "expected a number for loss, got '0.5x'"},
                    Damage{"blank", "epoch,loss\n\n1,2\n", "line 2: expected 2 figures, got 1"},
                    Damage{"unnamed", "epoch,\n", "line 1: expected the names"},
                    Damage{"empty", "", "line 1: the file is empty"}),
    [](const auto& test) { return std::string{test.param.name}; });

TEST_F(Metrics, WindowsLineEndsAreRead) {
  write(folder / "m.csv", "epoch,loss\r\n1,2\r\n");
  EXPECT_EQ(read_metrics(folder / "m.csv").last("loss"), 2);
}

TEST_F(Metrics, MissingFileAndMissingColumnAreSentences) {
  EXPECT_NE(message_of([&] { read_metrics(folder / "none.csv"); }).find("cannot read"),
            std::string::npos);
  write(folder / "m.csv", "epoch,loss\n1,2\n");
  EXPECT_NE(message_of([&] {
              read_metrics(folder / "m.csv").column("mse");
            }).find("they have: epoch, loss"),
            std::string::npos);
}

}  // namespace metrics_test
