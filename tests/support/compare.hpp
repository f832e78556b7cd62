// SPDX-License-Identifier: MIT
#pragma once
// How tests compare arrays of numbers, and what they say when two differ. A failure names the
// array, the element, what was got and what was expected. A NaN on either side is always a
// difference.

#include <cstddef>
#include <iomanip>
#include <ranges>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "support/difference.hpp"

namespace support {

/// "(1, 0, 3, 2)" for flat index 119 in an array of shape {2, 3, 4, 5}; "119" without a shape.
inline std::string position(std::size_t index, const std::vector<std::size_t>& shape) {
  if (shape.empty()) return std::to_string(index);
  std::string text;
  for (std::size_t d = shape.size(); d-- > 0;) {
    text = std::to_string(index % shape[d]) + (text.empty() ? "" : ", ") + text;
    index /= shape[d];
  }
  return "(" + text + ")";
}

namespace detail {

inline ::testing::AssertionResult judge(std::string_view name, const Difference& worst,
                                        double tolerance, std::string_view measure,
                                        std::size_t size, const std::vector<std::size_t>& shape) {
  if (worst.error <= tolerance) return ::testing::AssertionSuccess();
  std::ostringstream text;
  text << name << "[" << position(worst.index, shape) << "] of " << size << " values: got "
       << std::setprecision(17) << worst.got << ", expected " << worst.expected
       << std::setprecision(4) << "; " << measure << " is " << worst.error << ", at most "
       << tolerance << " allowed";
  return ::testing::AssertionFailure() << text.str();
}

template <Numbers A, Numbers B, class Measure>
::testing::AssertionResult compare(std::string_view name, const A& got, const B& expected,
                                   double tolerance, std::string_view measure_name,
                                   const std::vector<std::size_t>& shape, Measure measure) {
  const auto got_size = static_cast<std::size_t>(std::ranges::size(got));
  const auto expected_size = static_cast<std::size_t>(std::ranges::size(expected));
  if (got_size != expected_size) {
    return ::testing::AssertionFailure()
           << name << " has " << got_size << " values, expected " << expected_size;
  }
  if (got_size == 0) return ::testing::AssertionFailure() << name << " is empty: nothing compared";
  return judge(name, measure(got, expected), tolerance, measure_name, got_size, shape);
}

}  // namespace detail

/// EXPECT_TRUE(near_relative("weight gradient", got, expected, 1e-5));
/// `shape` only makes the message read (n, c, h, w) instead of a flat index.
template <Numbers A, Numbers B>
::testing::AssertionResult near_relative(std::string_view name, const A& got, const B& expected,
                                         double tolerance,
                                         const std::vector<std::size_t>& shape = {}) {
  return detail::compare(name, got, expected, tolerance, "max |got - expected| / max |expected|",
                         shape, [](const A& a, const B& b) { return relative_difference(a, b); });
}

/// As near_relative, with the scale given: for arrays whose exact value is zero or cancels.
template <Numbers A, Numbers B>
::testing::AssertionResult near_scaled(std::string_view name, const A& got, const B& expected,
                                       double tolerance, double scale,
                                       const std::vector<std::size_t>& shape = {}) {
  std::ostringstream measure;
  measure << "max |got - expected| / " << scale;
  return detail::compare(name, got, expected, tolerance, measure.str(), shape,
                         [=](const A& a, const B& b) { return scaled_difference(a, b, scale); });
}

/// Every element relative to itself, elements under `floor` relative to that.
template <Numbers A, Numbers B>
::testing::AssertionResult near_elementwise(std::string_view name, const A& got, const B& expected,
                                            double tolerance, double floor,
                                            const std::vector<std::size_t>& shape = {}) {
  std::ostringstream measure;
  measure << "max of |got - expected| / max(|expected|, " << floor << ")";
  return detail::compare(
      name, got, expected, tolerance, measure.str(), shape,
      [=](const A& a, const B& b) { return elementwise_difference(a, b, floor); });
}

}  // namespace support
