// SPDX-License-Identifier: MIT
#pragma once
// The tables and diagrams of networks for a browser: an SVG each, and one page with all.

#include <span>
#include <string>

#include "lamina/plot/diagram.hpp"
#include "lamina/plot/report.hpp"

#include "models.hpp"
#include "table.hpp"

namespace examples {

inline std::string as_svg(const ModelEntry& model) {
  return lamina::plot::layer_diagram(model.rows, model.title,
                                     grouped(model.parameters()) + " parameters, " +
                                         grouped(model.multiply_adds()) + " multiply-adds");
}

inline std::string as_page(std::span<const ModelEntry> chosen) {
  lamina::plot::Report page("Dimensions", "Every activation map, computed by the compiler");
  page.paragraph(
      "A block is an activation map: height and width in front, channels as depth; a bar is a "
      "vector. Height and width, depth, and vectors have one scale each in a drawing, which stands "
      "below it; what would be smaller than two pixels is drawn as two.");
  page.list(table_notes);
  for (const ModelEntry& model : chosen)
    page.section(model.title)
        .drawing(as_svg(model), model.source)
        .table(table_header, table_cells(model));
  return page.html();
}

}  // namespace examples
