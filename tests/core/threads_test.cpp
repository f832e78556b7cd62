// SPDX-License-Identifier: MIT
// The thread knob: what it sets and what it refuses.

#include "lamina/core/threads.hpp"

#include <stdexcept>

#include <gtest/gtest.h>
#include <omp.h>

#include "support/error_text.hpp"

namespace threads_test {

TEST(Threads, KnobSetsOpenMPsPool) {
  const int before = lamina::num_threads();
  for (const int threads : {1, 3}) {
    lamina::set_num_threads(threads);
    EXPECT_EQ(lamina::num_threads(), threads);
    EXPECT_EQ(omp_get_max_threads(), threads);
  }
  lamina::set_num_threads(before);
}

TEST(Threads, RefusesFewerThanOne) {
  const int before = lamina::num_threads();
  EXPECT_TRUE(
      support::says(support::error_text<std::invalid_argument>([] { lamina::set_num_threads(0); }),
                    "at least 1", "got 0"));
  EXPECT_EQ(lamina::num_threads(), before);
}

}  // namespace threads_test
