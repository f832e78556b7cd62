// SPDX-License-Identifier: MIT
#pragma once
// What all charts share: title, legend, axes with ticks and labels, and where a value lies in the
// picture.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "lamina/core/isa.hpp"
#include "lamina/plot/chart.hpp"
#include "lamina/plot/image.hpp"
#include "lamina/plot/ticks.hpp"

namespace lamina::inline LAMINA_ISA::plot {

namespace detail {

struct LegendEntry {
  std::string name;
  Color color;
  double dash = 0;
  bool dot = false;  // a disc instead of a line
};

/// Lays a chart out, offers a canvas for the data, and puts the rest around it.
class Axes {
 public:
  Axes(ChartOptions options, Scale x, Scale y, std::vector<LegendEntry> legend = {});

  /// The place of a value. Very far outside of the axes it is somewhere outside.
  Point at(double x, double y) const {
    const auto near = [](double share) { return std::clamp(share, -50.0, 50.0); };
    return {left_ + near(x_.share(x)) * (right_ - left_),
            bottom_ - near(y_.share(y)) * (bottom_ - top_)};
  }

  /// For the data. What is drawn far outside of the frame does not reach the chart.
  Picture& canvas() { return canvas_; }

  /// Says why the frame is empty.
  void say_empty() {
    canvas_.text({(left_ + right_) / 2.0, (top_ + bottom_) / 2.0}, "no data",
                 {.size = label_size,
                  .color = colors::faded,
                  .horizontal = Anchor::middle,
                  .vertical = Anchor::end});
  }

  /// The chart with what was drawn on the canvas.
  Picture finish() const;

 private:
  struct PlacedEntry {
    LegendEntry entry;
    int x, y;
  };

  void place_legend(std::vector<LegendEntry> entries);
  void draw_legend(Picture& chart) const;
  void draw_axes(Picture& chart) const;

  static constexpr int tick_size = 14, label_size = 15, title_size = 21;
  static constexpr int swatch = 24, overlap = 6;

  ChartOptions options_;
  Scale x_, y_;
  std::vector<PlacedEntry> legend_;
  Picture canvas_;
  int left_, right_, top_, bottom_;  // the frame
};

inline Axes::Axes(ChartOptions options, Scale x, Scale y, std::vector<LegendEntry> legend)
    : options_(std::move(options)),
      x_(std::move(x)),
      y_(std::move(y)),
      canvas_(options_.width, options_.height),
      left_(16),
      right_(options_.width - 28),
      top_(16),
      bottom_(options_.height - 14 - tick_size - 8) {
  int tick_width = 0;
  for (const auto& tick : y_.ticks)
    tick_width = (std::max)(tick_width, text_extent(tick.label, tick_size).width);
  left_ += tick_width + 8;
  if (!options_.y_label.empty()) left_ += label_size + 8;
  if (!options_.x_label.empty()) bottom_ -= label_size + 6;
  if (!options_.title.empty()) top_ += title_size + 10;
  place_legend(std::move(legend));
  top_ += 4;

  for (const auto& tick : y_.ticks)
    canvas_.rectangle(left_, static_cast<int>(std::lround(at(x_.low, tick.value).y)),
                      right_ - left_, 1, colors::grid);
}

/// Above the frame, where it hides no data, in as many rows as it takes.
inline void Axes::place_legend(std::vector<LegendEntry> entries) {
  if (entries.empty()) return;
  constexpr int row_height = label_size + 6;
  int x = left_;
  for (auto& entry : entries) {
    const int symbol = entry.dot ? 12 : swatch;
    const int width = symbol + 7 + text_extent(entry.name, label_size).width + 20;
    if (x > left_ && x + width > right_ + 20) {
      x = left_;
      top_ += row_height;
    }
    legend_.push_back({std::move(entry), x, top_});
    x += width;
  }
  top_ += row_height + 4;
}

inline void Axes::draw_legend(Picture& chart) const {
  for (const auto& [entry, x, y] : legend_) {
    const double middle = y + label_size / 2.0 + 1;
    if (entry.dot) {
      chart.disc({x + 6.0, middle}, 5, entry.color);
    } else {
      const std::array<Point, 2> line{{{double(x), middle}, {double(x + swatch), middle}}};
      chart.stroke(line, 3, entry.color, entry.dash);
    }
    chart.text({double(x + (entry.dot ? 12 : swatch) + 7), double(y)}, entry.name,
               {.size = label_size});
  }
}

inline void Axes::draw_axes(Picture& chart) const {
  chart.rectangle(left_, bottom_, right_ - left_ + 1, 1, colors::axis);
  const TextStyle left{.size = tick_size,
                       .color = colors::faded,
                       .horizontal = Anchor::end,
                       .vertical = Anchor::middle};
  for (const auto& tick : y_.ticks)
    chart.text({left_ - 8.0, at(x_.low, tick.value).y}, tick.label, left);
  const TextStyle below{.size = tick_size, .color = colors::faded, .horizontal = Anchor::middle};
  for (const auto& tick : x_.ticks) {
    const double x = at(tick.value, y_.low).x;
    chart.rectangle(static_cast<int>(std::lround(x)), bottom_, 1, 5, colors::axis);
    chart.text({x, bottom_ + 8.0}, tick.label, below);
  }
  chart.text({(left_ + right_) / 2.0, options_.height - 10.0}, options_.x_label,
             {.size = label_size, .horizontal = Anchor::middle, .vertical = Anchor::end});
  chart.text({12, (top_ + bottom_) / 2.0}, options_.y_label,
             {.size = label_size, .vertical = Anchor::middle, .upwards = true});
}

inline Picture Axes::finish() const {
  Picture chart{options_.width, options_.height};
  const int x = left_ - overlap, y = top_ - overlap;
  Picture frame{right_ - left_ + 2 * overlap, bottom_ - top_ + 2 * overlap};
  frame.paste(canvas_, -x, -y);
  chart.paste(frame, x, y);
  chart.text({16, 12}, options_.title, {.size = title_size});
  draw_legend(chart);
  draw_axes(chart);
  return chart;
}

}  // namespace detail
}  // namespace lamina::inline LAMINA_ISA::plot
