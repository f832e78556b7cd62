// SPDX-License-Identifier: MIT
#pragma once
// Numbers as texts for pictures, pages and the terminal.

#include <array>
#include <cstdio>
#include <limits>
#include <string>

namespace examples {

/// A figure of the metrics that was not taken this time.
inline constexpr double not_taken = std::numeric_limits<double>::quiet_NaN();

/// With this many decimals.
inline std::string with_digits(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

/// With five significant digits: 0.0078731, 243.91, 60000.
inline std::string significant(double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.5g", value);
  return text.data();
}

}  // namespace examples
