// SPDX-License-Identifier: MIT
#pragma once
// For tests of operations on flat arrays: sizes around the width of a vector, random values, and
// the same bits for any number of threads.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/model_check.hpp"

namespace flat {

using Floats = std::vector<float>;
using reference::Values;

/// Within one vector, a vector, and vectors with a rest.
inline std::vector<std::size_t> sizes() {
  constexpr auto width = static_cast<std::size_t>(lamina::lanes);
  return {1, width - 1, width, width + 1, 5 * width + 3};
}

/// So many values that every loop shares them out to threads, with a rest at the end.
inline constexpr std::size_t many = 40'003;

/// Values in [-most, most].
inline Floats floats(std::size_t count, std::uint32_t seed, float most = 1.0F) {
  const Values values = support::random_values(count, seed);
  Floats result(values.begin(), values.end());
  for (float& value : result)
    value *= most;
  return result;
}

inline Values doubles(const Floats& values) {
  return {values.begin(), values.end()};
}

inline bool same_bits(const Floats& a, const Floats& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// run() returns what an operation made.
template <class Run>
void expect_same_bits_for_threads(const Run& run) {
  const int before = lamina::num_threads();
  lamina::set_num_threads(1);
  const Floats one = run();
  for (const int threads : {2, 5}) {
    lamina::set_num_threads(threads);
    EXPECT_TRUE(same_bits(run(), one)) << threads << " threads";
  }
  lamina::set_num_threads(before);
}

/// Behind the end of an array, to see that nothing is written there.
inline constexpr float guard = 12345.0F;

inline Floats with_guard(Floats values) {
  values.push_back(guard);
  return values;
}

/// The values without the guard, which must be untouched.
inline Floats without_guard(Floats values) {
  EXPECT_EQ(values.back(), guard) << "written behind the end";
  values.pop_back();
  return values;
}

}  // namespace flat
