// SPDX-License-Identifier: MIT
#pragma once
// A network drawn to scale: layer_diagram makes an SVG of a layer table. std only.

#include <algorithm>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "lamina/core/isa.hpp"
#include "lamina/model/layer_table.hpp"
#include "lamina/plot/diagram_blocks.hpp"
#include "lamina/plot/diagram_layout.hpp"
#include "lamina/plot/diagram_style.hpp"
#include "lamina/plot/markup.hpp"
#include "lamina/plot/svg.hpp"

namespace lamina::inline LAMINA_ISA::plot {

namespace detail {

inline void draw_arrow(SvgElements& svg, const DiagramCell& cell) {
  if (cell.block.made_by.empty()) return;
  const double middle = cell.left + cell.arrow_width / 2.0;
  const double tip = cell.left + cell.arrow_width - text_gap / 2.0;
  svg.line({cell.left, cell.axis}, {tip - 6.0, cell.axis}, "arrow");
  svg.polygon({{tip, cell.axis}, {tip - 7.0, cell.axis - 4.0}, {tip - 7.0, cell.axis + 4.0}},
              "head");
  double line = cell.axis - text_gap - text_line * static_cast<double>(cell.block.made_by.size());
  for (const std::string& text : cell.block.made_by) {
    line += text_line;
    svg.text({middle, line}, text, &text == &cell.block.made_by.front() ? "layer" : "detail");
  }
  line = cell.axis + text_gap / 2.0;
  for (const std::string& text : cell.block.then)
    svg.text({middle, line += text_line}, text, "detail");
}

inline void draw_block(SvgElements& svg, const DiagramCell& cell) {
  const DiagramBox& box = cell.box;
  const auto& [right, up] = box.depth;
  const double left = cell.left + cell.arrow_width + (cell.block_width - box.whole_width()) / 2.0;
  const double bottom = cell.axis + box.whole_height() / 2.0;
  const double top = bottom - box.height;
  if (cell.block.map.rank == 3) {
    const SvgPoint corner{left + box.width, top};
    svg.polygon({{left, top}, {left + right, top + up}, {corner.x + right, top + up}, corner},
                "top");
    svg.polygon(
        {corner, {corner.x + right, top + up}, {corner.x + right, bottom + up}, {corner.x, bottom}},
        "side");
  }
  svg.rectangle({left, top}, box.width, box.height, cell.block.map.rank == 3 ? "front" : "vector");
  double line = bottom + text_gap / 2.0;
  for (const std::string& label : cell.block.labels)
    svg.text({cell.left + cell.arrow_width + cell.block_width / 2.0, line += text_line}, label,
             "label");
}

/// A round number of units that is some 20 to 40 long.
inline int scale_bar(double unit) {
  int count = 1;
  while (2.0 * count * unit <= 40.0)
    count *= 2;
  return count;
}

/// The scales, side by side with their bars. Returns where they end.
inline double draw_scales(SvgElements& svg, const DiagramScale& scale, double base) {
  double x = diagram_margin;
  const auto add = [&](int count, const char* unit, SvgPoint step) {
    const double begin = base - (step.y == 0.0 ? text_gap / 2.0 : 0.0);
    svg.line({x, begin}, {x + step.x, begin + step.y}, "scale");
    x += step.x + text_gap;
    const std::string text = std::to_string(count) + unit;
    svg.text({x, base}, text, "note");
    x += text_width(text) + 2.0 * diagram_margin;
  };
  const int sides = scale_bar(scale.side);
  const int channels = scale_bar(scale.channel);
  const int values = scale_bar(scale.value);
  if (scale.sides > 0) add(sides, " pixels of height and width", {sides * scale.side, 0.0});
  if (scale.channels > 0)
    add(channels, " channels of depth", along_depth(channels * scale.channel));
  if (scale.values > 0) add(values, " values of a vector", {0.0, -values * scale.value});
  return x;
}

}  // namespace detail

/// An SVG of a network's activation maps. A map is a block, height and width in front and channels
/// as depth; a vector is a bar. The layers stand between them, those that make no other map below
/// the arrow. Sides, depth and vectors have a scale each, which the picture shows. At most
/// 1,000 pixels wide unless one block is wider; longer networks go on in a further row.
/// errors run: no layer
inline std::string layer_diagram(std::span<const LayerRow> rows, std::string_view title,
                                 std::string_view subtitle = "") {
  using namespace detail;
  if (rows.empty()) throw std::invalid_argument("a diagram needs a network with a layer");
  const std::vector<DiagramBlock> blocks = diagram_blocks(rows);
  const DiagramScale scale(blocks);
  std::vector<DiagramCell> cells;
  for (const DiagramBlock& block : blocks)
    cells.emplace_back(block, scale);

  SvgElements svg;
  const double left = diagram_margin;
  double y = diagram_margin + text_line;
  svg.text({left, y}, title, "title");
  if (!subtitle.empty()) svg.text({left, y += 20.0}, subtitle, "note");
  y = place(cells, y + 2.0 * diagram_margin);
  for (const DiagramCell& cell : cells) {
    draw_arrow(svg, cell);
    draw_block(svg, cell);
  }
  double right = draw_scales(svg, scale, y += text_line);
  for (const DiagramCell& cell : cells)
    right = std::max(right, cell.right());
  right = std::max({right, left + title_width(title), left + text_width(subtitle)});

  const std::string width = SvgElements::number(right + diagram_margin);
  const std::string height = SvgElements::number(y + diagram_margin);
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"layer-diagram\" role=\"img\" width=\"" +
         width + "\" height=\"" + height + "\" viewBox=\"0 0 " + width + " " + height +
         "\">\n<title>" + escape_markup(title) + "</title>\n<style>" + std::string(diagram_style) +
         "</style>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n" + svg.str() +
         "</svg>\n";
}

}  // namespace lamina::inline LAMINA_ISA::plot
