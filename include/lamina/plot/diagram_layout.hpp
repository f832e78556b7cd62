// SPDX-License-Identifier: MIT
#pragma once
// Where everything in the diagram of a network goes: sizes to scale, and rows that fit the page.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lamina/core/isa.hpp"
#include "lamina/core/shape.hpp"
#include "lamina/plot/diagram_blocks.hpp"
#include "lamina/plot/svg.hpp"

namespace lamina::inline LAMINA_ISA::plot::detail {

// In units of the picture, which are pixels of a page.
inline constexpr double diagram_width = 1000.0;
inline constexpr double diagram_margin = 16.0;
inline constexpr double text_line = 15.0;
inline constexpr double text_gap = 8.0;  ///< between texts and what they stand at

/// Room for a text: for each letter as much as the widest of the usual fonts needs on average.
inline double text_width(std::string_view text, double letter = 7.4) {
  return letter * static_cast<double>(text.size());
}
inline double layer_width(std::string_view name) {
  return text_width(name, 8.5);
}
inline double title_width(std::string_view title) {
  return text_width(title, 10.0);
}

/// The length of a row or column, of a channel, and of a value of a vector.
struct DiagramScale {
  int sides = 0, channels = 0, values = 0;  ///< the largest; 0: there is none
  double side = 8.0, channel = 4.0, value = 4.0;

  explicit DiagramScale(std::span<const DiagramBlock> blocks) {
    for (const DiagramBlock& block : blocks) {
      if (block.map.rank == 3) {
        sides = std::max({sides, block.map.height(), block.map.width()});
        channels = std::max(channels, block.map.channels());
      } else {
        values = std::max(values, static_cast<int>(block.map.size()));
      }
    }
    if (sides > 0) side = std::min(side, 96.0 / sides);
    if (channels > 0) channel = std::min(channel, 84.0 / channels);
    if (values > 0) value = std::min(value, 110.0 / values);
  }
};

/// The step for so much depth: up and to the right.
inline SvgPoint along_depth(double depth) {
  constexpr double angle = std::numbers::pi / 5.0;
  return {depth * std::cos(angle), -depth * std::sin(angle)};
}

/// A map's front, or a vector's bar, and the step to its back.
struct DiagramBox {
  static constexpr double least = 2.0;  ///< nothing is drawn narrower or lower

  double width = 12.0;
  double height = 0.0;
  SvgPoint depth{0.0, 0.0};

  DiagramBox(Dims map, const DiagramScale& scale) {
    if (map.rank == 3) {
      width = std::max(least, map.width() * scale.side);
      height = std::max(least, map.height() * scale.side);
      depth = along_depth(map.channels() * scale.channel);
    } else {
      height = std::max(least, static_cast<double>(map.size()) * scale.value);
    }
  }
  double whole_width() const { return width + depth.x; }
  double whole_height() const { return height - depth.y; }
};

/// A block with the arrow that leads to it.
struct DiagramCell {
  DiagramBlock block;
  DiagramBox box;
  double arrow_width = 0.0;  ///< 0: no arrow
  double block_width = 0.0;  ///< labels included
  double left = 0.0;         ///< where the arrow begins
  double axis = 0.0;         ///< the height of arrow and block's middle

  DiagramCell(const DiagramBlock& from, const DiagramScale& scale)
      : block(from), box(from.map, scale), block_width(box.whole_width()) {
    for (const std::string& label : block.labels)
      block_width = std::max(block_width, text_width(label));
    if (block.made_by.empty()) return;
    arrow_width = layer_width(block.made_by.front());
    for (const auto* const lines : {&block.made_by, &block.then})
      for (const std::string& line : *lines)
        arrow_width = std::max(arrow_width, text_width(line));
    arrow_width += 2.0 * text_gap;
  }
  double width() const { return arrow_width + block_width; }
  double right() const { return left + width(); }
  double above_axis() const {
    return std::max(box.whole_height() / 2.0,
                    text_gap + text_line * static_cast<double>(block.made_by.size()));
  }
  double below_axis() const {
    const double labels = text_gap + text_line * static_cast<double>(block.labels.size());
    return std::max(box.whole_height() / 2.0 + labels,
                    text_gap + text_line * static_cast<double>(block.then.size()));
  }
};

/// Where the row ends that begins with cell `begin` and is at most `width` wide, or one cell.
inline std::size_t end_of_row(std::span<const DiagramCell> cells, std::size_t begin, double width) {
  double used = 0.0;
  std::size_t end = begin;
  while (end < cells.size() && (end == begin || used + cells[end].width() <= width))
    used += cells[end++].width() + text_gap;
  return end;
}

inline int rows_needed(std::span<const DiagramCell> cells, double width) {
  int rows = 0;
  for (std::size_t begin = 0; begin < cells.size(); begin = end_of_row(cells, begin, width))
    ++rows;
  return rows;
}

/// Puts cells side by side from `top` downwards, in as few rows as the width allows and those about
/// as long as each other. Returns where the last row ends.
inline double place(std::span<DiagramCell> cells, double top) {
  double width = diagram_width - 2.0 * diagram_margin;
  const int rows = rows_needed(cells, width);
  constexpr double step = 10.0;
  while (width > step && rows_needed(cells, width - step) == rows)
    width -= step;
  for (std::size_t begin = 0; begin < cells.size();) {
    const std::size_t end = end_of_row(cells, begin, width);
    double left = diagram_margin, above = 0.0, below = 0.0;
    for (DiagramCell& cell : cells.subspan(begin, end - begin)) {
      cell.left = left;
      left = cell.right() + text_gap;
      above = std::max(above, cell.above_axis());
      below = std::max(below, cell.below_axis());
    }
    for (DiagramCell& cell : cells.subspan(begin, end - begin))
      cell.axis = top + above;
    top += above + below + 2.0 * diagram_margin;
    begin = end;
  }
  return top;
}

}  // namespace lamina::inline LAMINA_ISA::plot::detail
