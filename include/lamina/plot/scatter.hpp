// SPDX-License-Identifier: MIT
#pragma once
// Scatter plots: points in the plane coloured by class, such as latent vectors in two dimensions.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "lamina/core/isa.hpp"
#include "lamina/plot/axes.hpp"
#include "lamina/plot/curves.hpp"

namespace lamina::inline LAMINA_ISA::plot {

/// A disc for each point in the colour of its class; points that are not finite are left out.
/// classes[i] is an index into `class_names`, whose texts make the legend. `log_y` is ignored.
/// errors run: other than one class per point, a class without a name
Picture scatter_plot(std::span<const Point> points, std::span<const std::uint8_t> classes,
                     const std::vector<std::string>& class_names, const ChartOptions& options = {});

inline Picture scatter_plot(std::span<const Point> points, std::span<const std::uint8_t> classes,
                            const std::vector<std::string>& class_names,
                            const ChartOptions& options) {
  if (points.size() != classes.size())
    throw std::invalid_argument("a scatter plot of " + std::to_string(points.size()) +
                                " points got " + std::to_string(classes.size()) +
                                " classes; give one for each");
  detail::ValueBounds x, y;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (classes[i] >= class_names.size())
      throw std::invalid_argument("a scatter plot of " + std::to_string(class_names.size()) +
                                  " classes got a point of class " + std::to_string(classes[i]));
    x.add(points[i].x);
    y.add(points[i].y);
  }
  std::vector<detail::LegendEntry> legend;
  for (std::size_t i = 0; i < class_names.size(); ++i)
    legend.push_back({class_names[i], series_color(i), 0, true});

  const auto scale = [](const detail::ValueBounds& bounds, int ticks) {
    const double air = 0.04 * (bounds.high - bounds.low);
    return tight_scale(bounds.low - air, bounds.high + air, ticks);
  };
  if (options.y_range) std::tie(y.low, y.high) = *options.y_range;
  detail::Axes axes{options, scale(x, 8), scale(y, 6), std::move(legend)};
  if (std::isnan(x.low) || std::isnan(y.low)) axes.say_empty();
  const double radius = points.size() > 2000 ? 2 : points.size() > 300 ? 3 : 4;
  for (std::size_t i = 0; i < points.size(); ++i)
    if (std::isfinite(points[i].x) && std::isfinite(points[i].y))
      axes.canvas().disc(axes.at(points[i].x, points[i].y), radius, series_color(classes[i]), 0.7);
  return axes.finish();
}

}  // namespace lamina::inline LAMINA_ISA::plot
