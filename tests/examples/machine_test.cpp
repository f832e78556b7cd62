// SPDX-License-Identifier: MIT
// What a run says it was made with.

#include "common/machine.hpp"

#include <string>

#include <gtest/gtest.h>

#include "lamina/train/settings.hpp"

#include "common/training.hpp"
#include "support/temporary_folder.hpp"

namespace machine_test {

using namespace examples;

TEST(Machine, NamesTheGpusInFrontOfTheProcessor) {
  const std::string processor = describe_machine({});
  EXPECT_EQ(describe_machine({"NVIDIA H100 80GB HBM3"}), "NVIDIA H100 80GB HBM3, " + processor);
  EXPECT_EQ(describe_machine({"A", "A", "A", "B"}), "3 x A, B, " + processor);
}

TEST(Machine, StandsInTheSettingsOfARun) {
  const support::TemporaryFolder folder;
  const TrainerOptions options;
  const OpenRun run{lamina::train::RunFolder::create_at(folder / "run"), "test", options};
  EXPECT_EQ(run.settings->get<std::string>("machine"), options.machine());
  EXPECT_EQ(options.machine(), describe_machine({})) << "the CPU is the default";
}

}  // namespace machine_test
