// SPDX-License-Identifier: MIT
// Threads that add up their values, and what becomes of those that wait in vain.

#include "lamina/core/meeting.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace meeting_test {

using namespace lamina;

/// body(rank) in a thread for each rank.
void in_threads(std::size_t size, const std::function<void(std::size_t)>& body) {
  std::vector<std::jthread> threads;
  for (std::size_t rank = 0; rank < size; ++rank)
    threads.emplace_back(body, rank);
}

/// 1e8 swallows a 1 that is added to it: the order shows.
TEST(Meeting, AddsInTheOrderOfRanks) {
  for (const std::size_t count : {0U, 1U, 2U, 100U}) {
    Meeting meeting(3);
    std::array<std::vector<float>, 3> values;
    in_threads(3, [&](std::size_t rank) {
      for (int time = 0; time < 50; ++time) {
        values[rank].assign(count, std::array{1e8F, 1.0F, -1e8F}[rank]);
        meeting.sum(rank, std::span{values[rank]});
      }
    });
    for (const auto& sums : values)
      EXPECT_EQ(sums, std::vector<float>(count, 0.0F));
  }
}

TEST(Meeting, EndsForThoseWhoWaitForOneThatFails) {
  Meeting meeting(3);
  std::array<bool, 3> ended{};
  in_threads(3, [&](std::size_t rank) {
    double value = 1.0;
    if (rank == 2) return meeting.stop();
    try {
      meeting.sum(rank, std::span{&value, 1});
    } catch (const ReplicaStopped&) {
      ended[rank] = true;
    }
  });
  EXPECT_EQ(ended, (std::array{true, true, false}));
  EXPECT_THROW(meeting.check(), ReplicaStopped);
}

TEST(Meeting, EndsForThoseWhoGoOnAlone) {
  Meeting meeting(2);
  bool ended = false;
  in_threads(2, [&](std::size_t rank) {
    double value = 1.0;
    meeting.sum(rank, std::span{&value, 1});
    if (rank == 0) return meeting.leave(0);
    try {
      meeting.sum(rank, std::span{&value, 1});
    } catch (const ReplicaStopped&) {
      ended = true;
    }
  });
  EXPECT_TRUE(ended);
  EXPECT_NO_THROW(meeting.check());
}

/// Of what threads start on their devices and do not wait for.
TEST(Meeting, KnowsWhoHasStartedMore) {
  Meeting same(2);
  same.start(0);
  same.start(1);
  EXPECT_NO_THROW(same.leave(0));
  EXPECT_THROW(same.start(1), ReplicaStopped) << "one that nobody else starts";
  EXPECT_NO_THROW(same.leave(1));

  Meeting different(2);
  different.start(1);
  EXPECT_THROW(different.leave(0), ReplicaStopped);
}

TEST(Meeting, RefusesSumsOfDifferentLengths) {
  Meeting meeting(2);
  std::array<bool, 2> refused{};
  in_threads(2, [&](std::size_t rank) {
    std::vector<double> values(rank + 1);
    try {
      meeting.sum(rank, std::span{values});
    } catch (const std::logic_error&) {
      refused[rank] = true;
    }
  });
  EXPECT_EQ(refused, (std::array{true, true}));
}

}  // namespace meeting_test
