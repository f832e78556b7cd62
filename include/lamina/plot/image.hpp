// SPDX-License-Identifier: MIT
#pragma once
// An 8-bit RGB canvas on which lines, discs and text have smooth edges. Needs CImg (lamina::plot).
// Coordinates are pixels from the upper left corner, (0, 0) being the corner and not a pixel's
// centre.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "lamina/core/isa.hpp"
#include "lamina/plot/cimg.hpp"
#include "lamina/plot/color.hpp"
#include "lamina/plot/text.hpp"

namespace lamina::inline LAMINA_ISA::plot {

struct Point {
  double x = 0, y = 0;
};

struct Extent {
  int width = 0, height = 0;
};

/// Which part of a text lies at the given point.
enum class Anchor { start, middle, end };

struct TextStyle {
  int size = 15;  // line height in pixels
  Color color = colors::ink;
  Anchor horizontal = Anchor::start;
  Anchor vertical = Anchor::start;
  bool upwards =
      false;  // turned by a quarter, read from bottom to top; anchors refer to the turned text
};

/// The pixels a text covers (UTF-8; "\n" starts a new line).
inline Extent text_extent(std::string_view utf8, int size) {
  const auto mask = detail::text_mask(utf8, size);
  return {mask.width(), mask.height()};
}

/// What is outside of the picture is not drawn.
class Picture {
 public:
  using Pixels = cimg_library::CImg<unsigned char>;

  Picture(int width, int height, Color background = colors::white);

  int width() const { return pixels_.width(); }
  int height() const { return pixels_.height(); }

  Color at(int x, int y) const {
    return {pixels_(ux(x), ux(y), 0, 0), pixels_(ux(x), ux(y), 0, 1), pixels_(ux(x), ux(y), 0, 2)};
  }
  void set(int x, int y, Color color);

  void rectangle(int x, int y, int width, int height, Color color);
  void disc(Point centre, double radius, Color color, double opacity = 1);

  /// A line through the points. `dash` is the length of its dashes and of the gaps between them; 0
  /// is a solid line.
  void stroke(std::span<const Point> points, double width, Color color, double dash = 0);

  void text(Point at, std::string_view utf8, const TextStyle& style = {});
  void paste(const Picture& other, int x, int y) { pixels_.draw_image(x, y, other.pixels_); }

  /// Every pixel as a square of factor x factor pixels.
  Picture enlarged(int factor) const;

  /// The canvas itself, for whatever else CImg can draw.
  Pixels& pixels() { return pixels_; }
  const Pixels& pixels() const { return pixels_; }

 private:
  static unsigned ux(int coordinate) { return static_cast<unsigned>(coordinate); }
  void blend(int x, int y, Color color, double share);

  Pixels pixels_;
};

namespace detail {

inline double distance_to_segment(Point p, Point a, Point b) {
  const double dx = b.x - a.x, dy = b.y - a.y;
  const double length2 = dx * dx + dy * dy;
  const double along =
      length2 > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length2, 0.0, 1.0) : 0;
  return std::hypot(p.x - a.x - along * dx, p.y - a.y - along * dy);
}

/// The pieces of a dashed line, each a line of its own.
inline std::vector<std::vector<Point>> dashes(std::span<const Point> points, double dash) {
  std::vector<std::vector<Point>> pieces{{points.front()}};
  double left = dash;  // of the dash or gap we are in
  bool drawn = true;
  for (std::size_t i = 1; i < points.size(); ++i) {
    Point from = points[i - 1];
    double length = std::hypot(points[i].x - from.x, points[i].y - from.y);
    while (length > left) {
      from = {from.x + (points[i].x - from.x) * left / length,
              from.y + (points[i].y - from.y) * left / length};
      length -= left;
      left = dash;
      if (drawn)
        pieces.back().push_back(from);
      else
        pieces.push_back({from});
      drawn = !drawn;
    }
    left -= length;
    if (drawn) pieces.back().push_back(points[i]);
  }
  return pieces;
}

}  // namespace detail

inline Picture::Picture(int width, int height, Color background)
    : pixels_(ux((std::max)(width, 1)), ux((std::max)(height, 1)), 1, 3) {
  rectangle(0, 0, this->width(), this->height(), background);
}

inline void Picture::set(int x, int y, Color color) {
  pixels_(ux(x), ux(y), 0, 0) = color.red;
  pixels_(ux(x), ux(y), 0, 1) = color.green;
  pixels_(ux(x), ux(y), 0, 2) = color.blue;
}

inline void Picture::rectangle(int x, int y, int width, int height, Color color) {
  for (int row = (std::max)(y, 0); row < (std::min)(y + height, this->height()); ++row)
    for (int column = (std::max)(x, 0); column < (std::min)(x + width, this->width()); ++column)
      set(column, row, color);
}

inline void Picture::blend(int x, int y, Color color, double share) {
  const auto mix = [share](std::uint8_t below, std::uint8_t above) {
    return static_cast<std::uint8_t>(std::lround((1 - share) * below + share * above));
  };
  const Color below = at(x, y);
  set(x, y,
      {mix(below.red, color.red), mix(below.green, color.green), mix(below.blue, color.blue)});
}

inline void Picture::disc(Point centre, double radius, Color color, double opacity) {
  if (!std::isfinite(centre.x) || !std::isfinite(centre.y)) return;
  const auto from = [radius](double middle) {
    return static_cast<int>(std::clamp(std::floor(middle - radius - 1), 0.0, 1e6));
  };
  const auto to = [radius](double middle, int size) {
    return static_cast<int>(
        std::clamp(std::ceil(middle + radius + 1), 0.0, static_cast<double>(size)));
  };
  for (int y = from(centre.y); y < to(centre.y, height()); ++y)
    for (int x = from(centre.x); x < to(centre.x, width()); ++x) {
      const double inside = radius + 0.5 - std::hypot(x + 0.5 - centre.x, y + 0.5 - centre.y);
      if (inside > 0) blend(x, y, color, opacity * (std::min)(inside, 1.0));
    }
}

inline void Picture::stroke(std::span<const Point> points, double width, Color color, double dash) {
  if (points.empty()) return;
  if (dash > 0) {
    for (const auto& piece : detail::dashes(points, dash))
      stroke(piece, width, color);
    return;
  }
  // A pixel takes the largest share that any segment covers: where segments meet nothing is painted
  // twice.
  cimg_library::CImg<float> cover(ux(this->width()), ux(height()), 1, 1, 0.0F);
  const double reach = width / 2 + 1;
  const auto bound = [](double value, int size) {
    return static_cast<int>(std::clamp(value, 0.0, static_cast<double>(size)));
  };
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point a = points[i == 0 ? 0 : i - 1], b = points[i];
    const auto [left, right] = std::minmax(a.x, b.x);
    const auto [top, bottom] = std::minmax(a.y, b.y);
    for (int y = bound(top - reach, height()); y < bound(std::ceil(bottom + reach), height()); ++y)
      for (int x = bound(left - reach, this->width());
           x < bound(std::ceil(right + reach), this->width()); ++x) {
        const double inside =
            width / 2 + 0.5 - detail::distance_to_segment({x + 0.5, y + 0.5}, a, b);
        float& share = cover(ux(x), ux(y));
        share = (std::max)(share, static_cast<float>(std::clamp(inside, 0.0, 1.0)));
      }
  }
  cimg_forXY(cover, x, y) if (cover(ux(x), ux(y)) > 0)
      blend(x, y, color, double{cover(ux(x), ux(y))});
}

inline void Picture::text(Point at, std::string_view utf8, const TextStyle& style) {
  if (utf8.find('\n') != utf8.npos && !style.upwards) {  // align each line by itself
    const auto lines = 1 + std::ranges::count(utf8, '\n');
    const double above = style.vertical == Anchor::start    ? 0
                         : style.vertical == Anchor::middle ? 0.5
                                                            : 1;
    TextStyle one_line = style;
    one_line.vertical = Anchor::start;
    at.y -= above * static_cast<double>(lines * style.size);
    for (std::size_t from = 0; from <= utf8.size(); at.y += style.size) {
      const auto to = (std::min)(utf8.find('\n', from), utf8.size());
      text(at, utf8.substr(from, to - from), one_line);
      from = to + 1;
    }
    return;
  }
  auto mask = detail::text_mask(utf8, style.size);
  if (mask.is_empty()) return;
  if (style.upwards) mask.rotate(-90);
  const auto start = [](double position, int size, Anchor anchor) {
    const double share = anchor == Anchor::start ? 0 : anchor == Anchor::middle ? 0.5 : 1;
    return static_cast<int>(std::lround(position - share * size));
  };
  const int left = start(at.x, mask.width(), style.horizontal),
            top = start(at.y, mask.height(), style.vertical);
  cimg_forXY(mask, x, y) {
    const int px = left + x, py = top + y;
    if (px < 0 || py < 0 || px >= width() || py >= height()) continue;
    blend(px, py, style.color, mask(ux(x), ux(y)) / 255.0);
  }
}

inline Picture Picture::enlarged(int factor) const {
  Picture large{1, 1};
  large.pixels_ = pixels_.get_resize(width() * factor, height() * factor, 1, 3, /*nearest*/ 1);
  return large;
}

}  // namespace lamina::inline LAMINA_ISA::plot
