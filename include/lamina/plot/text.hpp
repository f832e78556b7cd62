// SPDX-License-Identifier: MIT
#pragma once
// Text for pictures. CImg's built-in font has the 256 characters of Latin-1, so that UTF-8 is
// translated first; it is drawn four times too large and averaged down, which makes small sizes
// smooth.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lamina/core/isa.hpp"
#include "lamina/plot/cimg.hpp"

namespace lamina::inline LAMINA_ISA::plot::detail {

/// Common characters outside Latin-1.
constexpr std::string_view ascii_for(std::uint32_t code_point) {
  switch (code_point) {
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2212:
      return "-";
    case 0x2014:
      return "--";
    case 0x2018:
    case 0x2019:
      return "'";
    case 0x201C:
    case 0x201D:
      return "\"";
    case 0x2026:
      return "...";
    case 0x2190:
      return "<-";
    case 0x2192:
      return "->";
    case 0x2248:
      return "~";
    case 0x2264:
      return "<=";
    case 0x2265:
      return ">=";
    case 0x03BC:
      return "\xB5";  // Greek mu as Latin-1's micro sign
    default:
      return "?";
  }
}

/// The next code point, taken off the front of `text`; 0xFFFD for a byte that is not part of valid
/// UTF-8.
constexpr std::uint32_t take_code_point(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint32_t first = byte(0);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  std::uint32_t code_point = length < 2 ? first : first & (0xFFU >> (length + 1));
  bool valid = length > 0 && length <= text.size();
  for (std::size_t i = 1; valid && i < length; ++i) {
    valid = (byte(i) & 0xC0U) == 0x80U;
    code_point = code_point << 6U | (byte(i) & 0x3FU);
  }
  text.remove_prefix(valid ? length : 1);
  return valid ? code_point : 0xFFFD;
}

/// UTF-8 as Latin-1. What the font does not have becomes "?", control characters other than line
/// feeds a space.
inline std::string to_latin1(std::string_view utf8) {
  std::string text;
  while (!utf8.empty()) {
    const auto code_point = take_code_point(utf8);
    if (code_point == '\n')
      text += '\n';
    else if (code_point < 0x20 || (code_point >= 0x7F && code_point <= 0xA0))
      text += ' ';
    else if (code_point <= 0xFF)
      text += static_cast<char>(static_cast<std::uint8_t>(code_point));
    else
      text += ascii_for(code_point);
  }
  return text;
}

/// How much each pixel is covered by the text, 0 to 255. `size` is the line height in pixels.
inline cimg_library::CImg<unsigned char> text_mask(std::string_view utf8, int size) {
  constexpr int oversampling = 4;
  const std::string text = to_latin1(utf8);
  if (text.empty()) return {};
  const std::array<unsigned char, 1> full{255};
  cimg_library::CImg<unsigned char> mask;
  mask.draw_text(0, 0, "%s", full.data(), 0, 1.0F, static_cast<unsigned>(oversampling * size),
                 text.c_str());
  const auto round_up = [](int length) {
    return (length + oversampling - 1) / oversampling * oversampling;
  };
  mask.resize(round_up(mask.width()), round_up(mask.height()), 1, 1, /*pad*/ 0);
  return mask.resize(mask.width() / oversampling, mask.height() / oversampling, 1, 1,
                     /*average*/ 2);
}

}  // namespace lamina::inline LAMINA_ISA::plot::detail
