// SPDX-License-Identifier: MIT
// Learning-rate schedules at their corners. tests/parity compares them with PyTorch's.

#include "lamina/optim/schedules.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

#include "support/error_text.hpp"

namespace schedules_test {

using namespace lamina;

TEST(ConstantLR, StaysAsItIs) {
  constexpr ConstantLR schedule{.base = 0.25F};
  EXPECT_EQ(schedule(0), 0.25F);
  EXPECT_EQ(schedule(1'000'000), 0.25F);
}

TEST(StepLR, FallsByGammaEachStepSize) {
  const StepLR schedule{.base = 0.1F, .step_size = 3, .gamma = 0.5F};
  const float expected[] = {0.1F, 0.1F, 0.1F, 0.05F, 0.05F, 0.05F, 0.025F};
  for (int step = 0; step < 7; ++step)
    EXPECT_FLOAT_EQ(schedule(step), expected[step]) << step;
}

TEST(CosineAnnealingLR, RunsFromBaseToLeast) {
  const CosineAnnealingLR schedule{.base = 1e-3F, .period = 10, .least = 1e-5F};
  EXPECT_FLOAT_EQ(schedule(0), 1e-3F);
  EXPECT_FLOAT_EQ(schedule(5), (1e-3F + 1e-5F) / 2.0F);
  EXPECT_NEAR(static_cast<double>(schedule(10)), 1e-5, 1e-10);
  for (int step = 0; step < 10; ++step)
    EXPECT_GT(schedule(step), schedule(step + 1));
}

TEST(Schedules, RefuseAPeriodBelowOne) {
  EXPECT_TRUE(
      support::says(support::error_text<std::invalid_argument>([] { StepLR{.step_size = 0}(1); }),
                    "step size of at least 1", "got 0"));
  EXPECT_TRUE(support::says(
      support::error_text<std::invalid_argument>([] { CosineAnnealingLR{.period = -3}(1); }),
      "period of at least 1", "got -3"));
}

}  // namespace schedules_test
