// SPDX-License-Identifier: MIT
// InterruptGuard: the first signal is a request, the second ends the process, the old behaviour
// comes back.

#include "lamina/train/interrupt.hpp"

#include <gtest/gtest.h>
#include <signal.h>

namespace interrupt_test {

using lamina::train::InterruptGuard;

TEST(Interrupt, FirstSignalOnlySetsTheFlag) {
  const InterruptGuard guard;
  EXPECT_FALSE(guard.requested());
  ::raise(SIGTERM);
  EXPECT_TRUE(guard.requested());
  EXPECT_EQ(guard.signal(), SIGTERM);
}

TEST(Interrupt, ANewGuardStartsWithoutARequest) {
  {
    const InterruptGuard guard;
    ::raise(SIGINT);
  }
  const InterruptGuard guard;
  EXPECT_FALSE(guard.requested());
}

TEST(Interrupt, TwoGuardsAtOnceAreRefused) {
  const InterruptGuard guard;
  EXPECT_THROW(InterruptGuard{}, std::logic_error);
}

TEST(InterruptDeathTest, SecondSignalEndsTheProcess) {
  EXPECT_EXIT(
      {
        const InterruptGuard guard;
        ::raise(SIGINT);
        ::raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "");
  EXPECT_EXIT(
      {
        const InterruptGuard guard;
        ::raise(SIGINT);
        ::raise(SIGTERM);
      },
      testing::KilledBySignal(SIGTERM), "");
}

TEST(InterruptDeathTest, AfterwardsASignalEndsTheProcessAgain) {
  EXPECT_EXIT(
      {
        {
          const InterruptGuard guard;
        }
        ::raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "");
}

}  // namespace interrupt_test
