// SPDX-License-Identifier: MIT
#pragma once
// Where the ticks of an axis lie (at 1, 2 or 5 times a power of ten) and what they are called.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA::plot {

struct Tick {
  double value;
  std::string label;
};

/// The values an axis covers and its ticks.
struct Scale {
  double low = 0, high = 1;
  bool logarithmic = false;
  std::vector<Tick> ticks;

  /// 0 at the low end, 1 at the high end.
  double share(double value) const {
    if (logarithmic) return std::log(value / low) / std::log(high / low);
    return (value - low) / (high - low);
  }
};

/// A linear axis that ends at ticks, with about `count` of them. `whole` keeps the ticks at whole
/// numbers.
Scale linear_scale(double low, double high, int count = 6, bool whole = false);

/// The same ticks, but the axis ends where the data ends.
Scale tight_scale(double low, double high, int count = 8, bool whole = false);

/// A logarithmic axis over positive values; with few decades, ticks at 2 and 5 too.
Scale log_scale(double low, double high);

namespace detail {

/// 1, 2 or 5 times a power of ten, the first that is at least `least`.
inline double nice_step(double least) {
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

/// With as many digits as it takes to tell neighbours apart; very large and very small ones with an
/// exponent.
inline std::string tick_label(double value, double step) {
  std::array<char, 64> text{};
  const double largest = (std::max)(std::abs(value), step);
  const auto digits = [](double number) {
    return static_cast<int>(std::floor(std::log10(number) + 1e-9));
  };
  const auto end =
      largest >= 1e6 || step < 1e-5
          ? std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general,
                          digits(largest) - digits(step) + 1)
                .ptr
          : std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed,
                          (std::max)(0, -digits(step)))
                .ptr;
  return {text.data(), end};
}

/// Both ends finite, apart from each other, in order.
inline void widen_range(double& low, double& high) {
  if (!std::isfinite(low) || !std::isfinite(high)) low = 0, high = 1;
  if (low > high) std::swap(low, high);
  if (high - low > 1e-12 * (std::max)(std::abs(low), std::abs(high))) return;
  const double around = low == 0 ? 0.5 : 0.1 * std::abs(low);
  low -= around;
  high += around;
}

/// The multiples of a nice step from `first` steps to `last` steps.
inline std::vector<Tick> multiples(double first, double last, double step) {
  std::vector<Tick> ticks;
  for (double i = first; i <= last; ++i) {
    const double value = i == 0 ? 0 : i * step;
    ticks.push_back({value, tick_label(value, step)});
  }
  return ticks;
}

inline double step_for(double low, double high, int count, bool whole) {
  const double step = nice_step((high - low) / (std::max)(count, 1));
  return whole ? (std::max)(step, 1.0) : step;
}

}  // namespace detail

inline Scale linear_scale(double low, double high, int count, bool whole) {
  detail::widen_range(low, high);
  const double step = detail::step_for(low, high, count, whole);
  const double first = std::floor(low / step + 1e-9), last = std::ceil(high / step - 1e-9);
  return {first * step, last * step, false, detail::multiples(first, last, step)};
}

inline Scale tight_scale(double low, double high, int count, bool whole) {
  detail::widen_range(low, high);
  const double step = detail::step_for(low, high, count, whole);
  return {low, high, false,
          detail::multiples(std::ceil(low / step - 1e-9), std::floor(high / step + 1e-9), step)};
}

inline Scale log_scale(double low, double high) {
  if (!(low > 0) || !(high > 0) || !std::isfinite(low) || !std::isfinite(high)) low = 0.1, high = 1;
  if (low > high) std::swap(low, high);
  // Ends at 1, 2 or 5 times a power of ten around the data.
  const std::array<double, 4> factors{1, 2, 5, 10};
  const double decade_below = std::pow(10.0, std::floor(std::log10(low) + 1e-9));
  const double decade_above = std::pow(10.0, std::floor(std::log10(high) - 1e-9));
  Scale scale{decade_below, 10 * decade_above, true, {}};
  for (const double factor : factors)
    if (factor * decade_below <= low * (1 + 1e-9)) scale.low = factor * decade_below;
  for (const double factor : {10.0, 5.0, 2.0, 1.0})
    if (factor * decade_above >= high * (1 - 1e-9)) scale.high = factor * decade_above;
  if (scale.high <= scale.low) scale.high = 2 * scale.low;

  const double decades = std::log10(scale.high / scale.low);
  const double every = std::ceil(decades / 8 - 1e-9);  // decades from one tick to the next
  const double from = std::floor(std::log10(scale.low) + 1e-9),
               to = std::ceil(std::log10(scale.high) - 1e-9);
  for (double exponent = from; exponent <= to; ++exponent) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      if (factor > 1 ? decades > 3 : std::fmod(exponent - from, every) != 0) continue;
      const double value = factor * std::pow(10.0, exponent);
      if (value < scale.low * (1 - 1e-9) || value > scale.high * (1 + 1e-9)) continue;
      std::array<char, 32> text{};
      const auto end = std::to_chars(text.data(), text.data() + text.size(), value,
                                     std::chars_format::general, 3)
                           .ptr;
      scale.ticks.push_back({value, {text.data(), end}});
    }
  }
  return scale;
}

}  // namespace lamina::inline LAMINA_ISA::plot
