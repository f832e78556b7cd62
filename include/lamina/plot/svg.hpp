// SPDX-License-Identifier: MIT
#pragma once
// Writing SVG: a few shapes, each with the class by which a style colours it.

#include <array>
#include <charconv>
#include <initializer_list>
#include <string>
#include <string_view>

#include "lamina/core/isa.hpp"
#include "lamina/plot/markup.hpp"

namespace lamina::inline LAMINA_ISA::plot::detail {

struct SvgPoint {
  double x, y;
};

/// Elements of an SVG, one a line. x grows to the right, y downwards.
class SvgElements {
 public:
  void rectangle(SvgPoint top_left, double width, double height, std::string_view style) {
    text_ += "<rect x=\"" + number(top_left.x) + "\" y=\"" + number(top_left.y) + "\" width=\"" +
             number(width) + "\" height=\"" + number(height) + "\"" + style_class(style) + "/>\n";
  }

  void polygon(std::initializer_list<SvgPoint> corners, std::string_view style) {
    text_ += "<polygon points=\"";
    for (const SvgPoint& corner : corners)
      text_ += number(corner.x) + "," + number(corner.y) + " ";
    text_.back() = '"';
    text_ += style_class(style) + "/>\n";
  }

  void line(SvgPoint from, SvgPoint to, std::string_view style) {
    text_ += "<line x1=\"" + number(from.x) + "\" y1=\"" + number(from.y) + "\" x2=\"" +
             number(to.x) + "\" y2=\"" + number(to.y) + "\"" + style_class(style) + "/>\n";
  }

  /// `at` is where the text's base line begins, or its middle for a style that centres it.
  void text(SvgPoint at, std::string_view what, std::string_view style) {
    text_ += "<text x=\"" + number(at.x) + "\" y=\"" + number(at.y) + "\"" + style_class(style) +
             ">" + escape_markup(what) + "</text>\n";
  }

  const std::string& str() const { return text_; }

  /// At most two decimals, whatever the locale.
  static std::string number(double value) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                   std::chars_format::fixed, 2)
                         .ptr;
    std::string text(digits.data(), end);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
  }

 private:
  static std::string style_class(std::string_view style) {
    return " class=\"" + std::string(style) + "\"";
  }

  std::string text_;
};

}  // namespace lamina::inline LAMINA_ISA::plot::detail
