// SPDX-License-Identifier: MIT
#pragma once
// Invariant 3, nothing is allocated, as an expectation: counted_memory.hpp counts operator new, and
// what libraries take with malloc behind its back shows in the heap's size.

#include <cstddef>

#include <gtest/gtest.h>
#include <malloc.h>

#include "invariants/counted_memory.hpp"

namespace invariants {

/// Bytes that are taken from malloc now.
inline std::size_t heap_bytes() {
  const auto heap = mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

struct Count {
  std::size_t news;   ///< calls of operator new
  std::size_t bytes;  ///< by which the heap is larger afterwards
};
template <class Action>
Count allocations_of(const Action& action) {
  const std::size_t heap = heap_bytes();
  const std::size_t before = support::heap_use().allocations;
  action();
  const std::size_t after = support::heap_use().allocations;
  const std::size_t now = heap_bytes();
  return {after - before, now > heap ? now - heap : 0};
}

template <class Action>
void expect_none(const char* what, const Action& action) {
  const Count count = allocations_of(action);
  EXPECT_EQ(count.news, 0U) << what;
  EXPECT_EQ(count.bytes, 0U) << what;
}

}  // namespace invariants
