// SPDX-License-Identifier: MIT
// A summary must see every wrong element, also one that it does not store.

#include "support/fixture.hpp"

#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace fixture_test {

constexpr std::size_t count = 10007;

std::vector<double> wave() {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = std::sin(static_cast<double>(i * i % 997));
  return values;
}

support::Summary summarise(const std::vector<double>& values) {
  support::Summary s{"wave", {count}, 4, {}, 0.0, std::vector<double>(8), 1.0, 0.0};
  double squares = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    if (i % s.stride == 0) s.sample.push_back(values[i]);
    squares += values[i] * values[i];
    for (unsigned k = 0; k < 8; ++k)
      s.projections[k] += support::projection_sign(i, k) * values[i];
  }
  s.norm = std::sqrt(squares);
  return s;
}

TEST(Fixture, SummaryMatchesWhatItWasMadeFrom) {
  EXPECT_TRUE(support::matches(summarise(wave()), wave(), 1e-14));
}

TEST(Fixture, SummarySeesOneWrongElementThatIsNotSampled) {
  const support::Summary summary = summarise(wave());
  std::vector<double> wrong = wave();
  wrong[5001] += 0.01;
  EXPECT_FALSE(support::matches(summary, wrong, 1e-5));
}

TEST(Fixture, SummarySeesTwoElementsSwapped) {
  const support::Summary summary = summarise(wave());
  std::vector<double> wrong = wave();
  std::swap(wrong[5001], wrong[5002]);
  EXPECT_FALSE(support::matches(summary, wrong, 1e-5));
}

TEST(Fixture, SummarySeesAnotherSize) {
  EXPECT_FALSE(support::matches(summarise(wave()), std::vector<double>(count - 1), 1e9));
}

TEST(Fixture, AMissingTensorIsNamed) {
  EXPECT_THROW(support::Fixture("layers.safetensors").values("no such tensor"), std::runtime_error);
  EXPECT_THROW(support::Fixture("no such file"), std::runtime_error);
}

// splitmix64 with seed 0 begins with 0xe220a8397b1dcdaf, which is h(0).
TEST(Fixture, SignsAreSplitmix64) {
  for (unsigned k = 0; k < 8; ++k) {
    EXPECT_EQ(support::projection_sign(0, k), (0xe220a8397b1dcdafu >> k & 1u) != 0 ? -1.0 : 1.0);
  }
}

}  // namespace fixture_test
