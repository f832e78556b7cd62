// SPDX-License-Identifier: MIT
#pragma once
// By how much two arrays of numbers differ. A NaN on either side is always a difference.

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <ranges>

namespace support {

/// Float or double arrays of any kind: std::vector, std::span, xtensor's flat iterators, ...
template <class R>
concept Numbers = std::ranges::input_range<R> && std::ranges::sized_range<R> &&
                  std::convertible_to<std::ranges::range_value_t<R>, double>;

/// max |x|; NaN where any element is NaN.
template <Numbers R>
double max_abs(const R& values) {
  double largest = 0.0;
  for (const auto value : values) {
    const double magnitude = std::abs(static_cast<double>(value));
    if (std::isnan(magnitude)) return magnitude;
    largest = (std::max)(largest, magnitude);
  }
  return largest;
}

/// Where two arrays differ most. `error` is the measure of the function that made it.
struct Difference {
  double error = 0.0;
  std::size_t index = 0;
  double got = 0.0, expected = 0.0;
};

/// The floor of a scale that is divided by, so that two arrays of zeros are equal.
inline constexpr double tiny = 1e-30;

namespace detail {

/// The worst element when |got - expected| is divided by scale(expected). An expected value that is
/// not finite is a mistake in the test's own numbers and differs from everything.
template <Numbers A, Numbers B, class Scale>
Difference worst(const A& got, const B& expected, Scale scale) {
  Difference result;
  auto g = std::ranges::begin(got);
  std::size_t index = 0;
  for (const auto e_value : expected) {
    const double a = static_cast<double>(*g), e = static_cast<double>(e_value);
    double error = a == e ? 0.0 : std::abs(a - e) / (std::max)(scale(e), tiny);
    if (std::isnan(error) || !std::isfinite(e)) error = std::numeric_limits<double>::infinity();
    if (index == 0 || error > result.error) result = {error, index, a, e};
    ++g;
    ++index;
  }
  return result;
}

}  // namespace detail

/// max |got - expected| / max |expected|: the error relative to the whole array. The measure for
/// sums (convolutions, gradients), whose rounding error is of the terms' size, not the result's.
template <Numbers A, Numbers B>
Difference relative_difference(const A& got, const B& expected) {
  const double scale = max_abs(expected);
  return detail::worst(got, expected, [=](double) { return scale; });
}

/// max |got - expected| / scale, with a scale of the caller's.
template <Numbers A, Numbers B>
Difference scaled_difference(const A& got, const B& expected, double scale) {
  return detail::worst(got, expected, [=](double) { return scale; });
}

/// max of |got_i - expected_i| / max(|expected_i|, floor): every element relative to itself.
template <Numbers A, Numbers B>
Difference elementwise_difference(const A& got, const B& expected, double floor) {
  return detail::worst(got, expected, [=](double e) { return (std::max)(std::abs(e), floor); });
}

}  // namespace support
