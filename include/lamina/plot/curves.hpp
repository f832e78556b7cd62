// SPDX-License-Identifier: MIT
#pragma once
// Line charts: one or more curves over epochs or steps.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "lamina/core/isa.hpp"
#include "lamina/plot/axes.hpp"
#include "lamina/plot/chart.hpp"

namespace lamina::inline LAMINA_ISA::plot {

/// A chart of all series, with a legend from two on. On a logarithmic axis values up to zero are
/// gaps. errors run: a series whose x and y have different lengths
Picture line_chart(const std::vector<Series>& series, const ChartOptions& options = {});

namespace detail {

/// The finite values' range; NaN, NaN if there is none.
struct ValueBounds {
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();

  void add(double value) {
    if (!std::isfinite(value)) return;
    low = std::isnan(low) ? value : (std::min)(low, value);
    high = std::isnan(high) ? value : (std::max)(high, value);
  }
};

inline Scale vertical_scale(ValueBounds bounds, const ChartOptions& options) {
  if (options.y_range) std::tie(bounds.low, bounds.high) = *options.y_range;
  if (options.log_y) return log_scale(bounds.low, bounds.high);
  return options.y_range ? tight_scale(bounds.low, bounds.high, 6)
                         : linear_scale(bounds.low, bounds.high);
}

/// The curve's pieces between its gaps.
inline std::vector<std::vector<Point>> pieces_of(const Series& series, bool log_y,
                                                 const Axes& axes) {
  std::vector<std::vector<Point>> pieces;
  bool in_gap = true;
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    const double x = series.x[i], y = series.y[i];
    if (!std::isfinite(x) || !std::isfinite(y) || (log_y && y <= 0)) {
      in_gap = true;
      continue;
    }
    if (in_gap) pieces.emplace_back();
    pieces.back().push_back(axes.at(x, y));
    in_gap = false;
  }
  return pieces;
}

}  // namespace detail

inline Picture line_chart(const std::vector<Series>& series, const ChartOptions& options) {
  constexpr double dash = 8, dot_radius = 3.5;
  constexpr std::size_t most_dots = 30;    // a curve of few points shows them
  constexpr std::size_t noisy_from = 300;  // one of many is drawn thinner

  detail::ValueBounds x, y;
  bool whole = true;  // epochs and steps have no fractions, nor should their ticks
  for (const auto& one : series) {
    if (one.x.size() != one.y.size())
      throw std::invalid_argument(
          "the curve '" + one.name + "' has " + std::to_string(one.x.size()) + " x values and " +
          std::to_string(one.y.size()) + " y values; each point needs both");
    for (const double value : one.x) {
      x.add(value);
      whole = whole && (!std::isfinite(value) || value == std::floor(value));
    }
    for (const double value : one.y)
      if (!options.log_y || value > 0) y.add(value);
  }

  const auto color_of = [&](std::size_t i) { return series[i].color.value_or(series_color(i)); };
  std::vector<detail::LegendEntry> legend;
  if (series.size() > 1)
    for (std::size_t i = 0; i < series.size(); ++i)
      legend.push_back({series[i].name, color_of(i), series[i].dashed ? dash : 0});

  detail::Axes axes{options, tight_scale(x.low, x.high, 10, whole),
                    detail::vertical_scale(y, options), std::move(legend)};
  if (std::isnan(x.low) || std::isnan(y.low)) axes.say_empty();
  for (std::size_t i = series.size(); i-- > 0;) {  // the first curve lies on top
    for (const auto& piece : detail::pieces_of(series[i], options.log_y, axes)) {
      axes.canvas().stroke(piece, series[i].x.size() < noisy_from ? 2.5 : 1.4, color_of(i),
                           series[i].dashed ? dash : 0);
      if (series[i].x.size() <= most_dots || piece.size() == 1)
        for (const auto& point : piece)
          axes.canvas().disc(point, dot_radius, color_of(i));
    }
  }
  return axes.finish();
}

}  // namespace lamina::inline LAMINA_ISA::plot
