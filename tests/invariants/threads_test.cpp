// SPDX-License-Identifier: MIT
// Invariant 7: one thread knob, OpenMP's own pool, no nested regions: inside a caller's parallel
// region everything works, on the caller's thread alone and with the same bits.

#include <array>
#include <atomic>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>
#include <omp.h>

#include "invariants/training.hpp"

namespace threads_test {

using namespace invariants;
using lamina::Adam;
using lamina::Model;
using lamina::Seed;
namespace cpu_kernels = lamina::cpu_kernels;

constexpr double much_work = 1e12;

/// How many threads the region that a kernel opens has, 1 without one, and the deepest level of nesting.
struct Region {
  int threads;
  int level;
};
Region kernel_region() {
  const int outside = omp_get_active_level();
  std::atomic<int> threads{1};
  std::atomic<int> level{0};
  cpu_kernels::parallel_ranges(1000, much_work, [&](std::ptrdiff_t, std::ptrdiff_t) {
    level = omp_get_active_level();
    if (level > outside) threads = omp_get_num_threads();
  });
  return {threads, level};
}

TEST(ThreadKnob, SetsTheThreadsOfKernels) {
  for (const int threads : {1, 2, 5}) {
    const support::WithThreads with(threads);
    EXPECT_EQ(kernel_region().threads, threads);
  }
  EXPECT_THROW(lamina::set_num_threads(0), std::invalid_argument);
}

TEST(ThreadKnob, ThreadsShareEveryItemOnce) {
  const support::WithThreads with(5);
  for (const std::ptrdiff_t items : {1, 2, 7, 1000}) {
    std::vector<std::atomic<int>> seen(static_cast<std::size_t>(items));
    cpu_kernels::parallel_ranges(items, much_work, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
      EXPECT_LT(first, last);
      for (; first < last; ++first)
        ++seen[static_cast<std::size_t>(first)];
    });
    for (const auto& times : seen)
      EXPECT_EQ(times, 1) << "of " << items;
  }
}

/// All ranges that one thread takes, alone.
std::vector<cpu_kernels::ItemRange> ranges_of(cpu_kernels::Shares& shares, int thread,
                                              std::ptrdiff_t least) {
  std::vector<cpu_kernels::ItemRange> ranges;
  int emptied = 0;
  for (auto range = shares.take(thread, least, emptied); !range.empty();
       range = shares.take(thread, least, emptied))
    ranges.push_back(range);
  return ranges;
}

TEST(ThreadShares, BeginWithTheThreadsOwnAndLeaveNothing) {
  for (const int count : {1, 3, 60}) {
    for (const std::ptrdiff_t items : {2, 100, 1001}) {
      cpu_kernels::Shares shares(items, count);
      const int thread = count / 2;
      const auto ranges = ranges_of(shares, thread, 1);
      ASSERT_FALSE(ranges.empty());
      EXPECT_EQ(ranges.front().first, items * thread / count) << items << " items, " << count;
      std::vector<int> seen(static_cast<std::size_t>(items));
      for (auto [first, last] : ranges)
        for (; first < last; ++first)
          ++seen[static_cast<std::size_t>(first)];
      EXPECT_EQ(seen, std::vector<int>(seen.size(), 1)) << items << " items, " << count;
      EXPECT_TRUE(ranges_of(shares, 0, 1).empty());
    }
  }
}

TEST(ThreadShares, SufficeForMoreThreadsThanThereAre) {
  constexpr int threads = 300;
  cpu_kernels::Shares shares(1000, threads);
  std::ptrdiff_t seen = 0;
  for (int thread = threads; thread-- > 0;)
    for (const auto [first, last] : ranges_of(shares, thread, 1))
      seen += last - first;
  EXPECT_EQ(seen, 1000);
}

TEST(ThreadShares, GiveRangesOfAtLeastAsMany) {
  cpu_kernels::Shares shares(100, 2);
  std::vector<std::ptrdiff_t> sizes;
  for (const auto [first, last] : ranges_of(shares, 1, 20))
    sizes.push_back(last - first);
  EXPECT_EQ(sizes, (std::vector<std::ptrdiff_t>{25, 20, 5, 25, 20, 5}));
}

TEST(ThreadKnob, KernelsOpenNoRegionInsideOne) {
  const support::WithThreads with(2);
  const int levels = omp_get_max_active_levels();
  omp_set_max_active_levels(3);  // the caller allows nesting; the library still has no use for it
  std::array<Region, 2> seen{};
#pragma omp parallel num_threads(2)
  seen[static_cast<std::size_t>(omp_get_thread_num())] = kernel_region();
  omp_set_max_active_levels(levels);
  for (const Region& region : seen) {
    EXPECT_EQ(region.threads, 1);
    EXPECT_EQ(region.level, 1);
  }
}

Bits short_run() {
  Model<ConvNet, Image> model{Seed{1}};
  Adam adam{model.parameters()};
  Bits bits = train(model, adam, 0, 3, 1);
  const Bits more = bits_of(model.state());
  bits.insert(bits.end(), more.begin(), more.end());
  return bits;
}

TEST(ThreadKnob, TrainingInsideAParallelRegionGivesTheSameBits) {
  const support::WithThreads with(2);
  const Bits outside = short_run();
  std::array<Bits, 2> inside;
#pragma omp parallel num_threads(2)
  inside[static_cast<std::size_t>(omp_get_thread_num())] = short_run();
  for (const Bits& bits : inside)
    EXPECT_TRUE(bits == outside);
}

}  // namespace threads_test
