// SPDX-License-Identifier: MIT
#pragma once
// The cases of tests/fixtures/layers.safetensors, and how near float32 has to come to their float64.

#include <string>

#include <gtest/gtest.h>

#include "support/compare.hpp"
#include "support/fixture.hpp"
#include "support/model_check.hpp"

namespace parity {

// PyTorch's own float32 is at most 1.1e-6 from its float64 here (networks: 1.7e-6); ours adds up in
// another order.
inline constexpr double tolerance = 3e-6;

inline const support::Fixture& fixture() {
  static const support::Fixture file("layers.safetensors");
  return file;
}

inline void expect_near(const std::string& key, const support::Values& got) {
  EXPECT_TRUE(
      support::near_relative(key, got, fixture().values(key), tolerance, fixture().shape(key)));
}

}  // namespace parity
