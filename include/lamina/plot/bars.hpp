// SPDX-License-Identifier: MIT
#pragma once
// Bar charts: one value per name (the error of each class) or per index (the KL of each latent
// dimension).

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "lamina/core/isa.hpp"
#include "lamina/plot/axes.hpp"
#include "lamina/plot/curves.hpp"

namespace lamina::inline LAMINA_ISA::plot {

/// A bar for each value, from zero; NaN leaves a gap. Without names the bars are numbered from 0.
/// errors run: names, but not one for each value
Picture bar_chart(const std::vector<double>& values, const std::vector<std::string>& names = {},
                  const ChartOptions& options = {}, Color color = series_color(0));

inline Picture bar_chart(const std::vector<double>& values, const std::vector<std::string>& names,
                         const ChartOptions& options, Color color) {
  if (!names.empty() && names.size() != values.size())
    throw std::invalid_argument("a bar chart of " + std::to_string(values.size()) + " values got " +
                                std::to_string(names.size()) + " names; give one for each or none");
  detail::ValueBounds bounds;
  bounds.add(0);
  for (const double value : values)
    bounds.add(value);

  const double count = static_cast<double>(values.size());
  Scale x = tight_scale(-0.5, count - 0.5, 12, /*whole*/ true);
  if (!names.empty()) {
    x.ticks.clear();
    for (std::size_t i = 0; i < names.size(); ++i)
      x.ticks.push_back({static_cast<double>(i), names[i]});
  }
  ChartOptions linear = options;
  linear.log_y = false;  // a bar from zero has no place on a logarithmic axis
  detail::Axes axes{linear, std::move(x), detail::vertical_scale(bounds, linear)};

  if (values.empty()) axes.say_empty();
  const auto pixel = [](double position) { return static_cast<int>(std::lround(position)); };
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    const double index = static_cast<double>(i);
    const Point zero = axes.at(index - 0.4, 0), end = axes.at(index + 0.4, values[i]);
    const int left = pixel(zero.x), right = (std::max)(pixel(end.x), left + 1);
    const int top = pixel((std::min)(zero.y, end.y)), bottom = pixel((std::max)(zero.y, end.y));
    axes.canvas().rectangle(left, top, right - left, bottom - top, color);
  }
  return axes.finish();
}

}  // namespace lamina::inline LAMINA_ISA::plot
