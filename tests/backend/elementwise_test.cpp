// SPDX-License-Identifier: MIT
// Flat arrays moved and exchanged. Activations, dropout and reshapes are tested as layers.

#include "lamina/backend/cpu/elementwise.hpp"

#include <cstddef>

#include <gtest/gtest.h>

#include "backend/flat_arrays.hpp"

namespace elementwise_test {

using namespace flat;
using lamina::Cpu;

TEST(Swap, ExchangesAllValuesAndNoMore) {
  for (const std::size_t size : sizes()) {
    const Floats first = floats(size, 1), second = floats(size, 2);
    Floats a = with_guard(first), b = with_guard(second);
    Cpu::swap(size, a.data(), b.data());
    EXPECT_EQ(without_guard(a), second);
    EXPECT_EQ(without_guard(b), first);
  }
}

TEST(Swap, WorksOnManyThreads) {
  const Floats first = floats(many, 1), second = floats(many, 2);
  expect_same_bits_for_threads([&] {
    Floats a = first, b = second;
    Cpu::swap(many, a.data(), b.data());
    EXPECT_EQ(a, second);
    return b;
  });
}

TEST(CopyFromHost, CopiesAllValuesAndNoMore) {
  for (const std::size_t size : sizes()) {
    const Floats from = floats(size, 1);
    Floats to = with_guard(Floats(size));
    Cpu::copy_from_host(size, from.data(), to.data());
    EXPECT_EQ(without_guard(to), from);
  }
}

}  // namespace elementwise_test
