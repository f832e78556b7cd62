// SPDX-License-Identifier: MIT
#pragma once
// Colours: the few greys of a chart and a palette for data.

#include <array>
#include <cstddef>
#include <cstdint>

#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA::plot {

/// 8-bit sRGB.
struct Color {
  std::uint8_t red = 0, green = 0, blue = 0;
  friend constexpr bool operator==(Color, Color) = default;
};

namespace colors {
inline constexpr Color white{255, 255, 255};
inline constexpr Color ink{38, 44, 54};       // text
inline constexpr Color faded{104, 112, 124};  // captions, tick labels
inline constexpr Color axis{150, 157, 167};
inline constexpr Color grid{228, 231, 235};
inline constexpr Color alarm{228, 26, 140};  // a pixel that is not a number
}  // namespace colors

/// Ten colours that stay apart with colour vision deficiencies and in grey; an eleventh is the
/// first again. ref    Petroff 2021, arXiv:2107.02270 (the sequence for ten)
constexpr Color series_color(std::size_t index) {
  constexpr std::array<Color, 10> palette{{{63, 144, 218},
                                           {255, 169, 14},
                                           {189, 31, 1},
                                           {148, 164, 162},
                                           {131, 45, 182},
                                           {169, 107, 89},
                                           {231, 99, 0},
                                           {185, 172, 112},
                                           {113, 117, 129},
                                           {146, 218, 221}}};
  return palette[index % palette.size()];
}

}  // namespace lamina::inline LAMINA_ISA::plot
