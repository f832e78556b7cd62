// SPDX-License-Identifier: MIT
#pragma once
// The table of a network for readers: its cells, aligned text and Markdown.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lamina/shapes.hpp"

#include "models.hpp"

namespace examples {

using Cells = std::vector<std::string>;

inline const Cells table_header{"path",       "layer",         "filter", "stride",
                                "padding",    "input",         "output", "formula",
                                "parameters", "multiply-adds", "sees"};
inline constexpr std::size_t formula_column = 7;  ///< numbers, on the right, stand behind it

inline const std::vector<std::string> table_notes{
    "formula: how height and width came about; divisions round down",
    "parameters: those that are learned, without running statistics",
    "multiply-adds: per image, forward, taps on the padding included",
    "sees: receptive field, input pixels per side that one value depends on, padding included"};

/// "2,765,568".
inline std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3)
    digits.insert(at - 3, 1, ',');
  return digits;
}

/// How a shape came about: of height, and of width where it is another; for a reshape, of the number
/// of values.
inline std::string formula_of(const lamina::LayerRow& row) {
  const std::string_view height = row.formula.view();
  const std::string_view width = row.width_formula.view();
  if (height != width) return std::string(height) + ", width " + std::string(width);
  if ((row.input.rank == 3) == (row.output.rank == 3)) return std::string(height);
  const lamina::Dims& image = row.input.rank == 3 ? row.input : row.output;
  const auto text = [](auto number) { return std::to_string(number); };
  return text(image.channels()) + "*" + text(image.height()) + "*" + text(image.width()) + " = " +
         text(image.size());
}

/// A line a layer, and one of totals.
inline std::vector<Cells> table_cells(const ModelEntry& model) {
  std::vector<Cells> lines;
  const auto text = [](int number) { return std::to_string(number); };
  for (const lamina::LayerRow& row : model.rows) {
    Cells line{std::string(row.path.view()), short_name(row), "", "", ""};
    if (const lamina::Window& window = row.window; window.kernel > 0) {
      line[2] = text(window.kernel) + " x " + text(window.kernel);
      line[3] = text(window.stride);
      line[4] = text(window.padding);
      if (window.output_padding > 0) line[4] += ", output " + text(window.output_padding);
    }
    line.insert(line.end(), {to_string(row.input), to_string(row.output), formula_of(row),
                             grouped(row.parameters), grouped(row.multiply_adds),
                             row.receptive_field == 0 ? "all" : text(row.receptive_field)});
    lines.push_back(line);
  }
  lines.push_back({"", "total", "", "", "", "", "", "", grouped(model.parameters()),
                   grouped(model.multiply_adds()), ""});
  return lines;
}

inline std::string aligned(const ModelEntry& model) {
  std::vector<Cells> lines = table_cells(model);
  lines.insert(lines.begin(), table_header);
  std::vector<std::size_t> widths(table_header.size());
  for (const Cells& line : lines)
    for (std::size_t c = 0; c < line.size(); ++c)
      widths[c] = std::max(widths[c], line[c].size());
  std::string table;
  for (const Cells& line : lines) {
    std::string padded;
    for (std::size_t c = 0; c < line.size(); ++c) {
      const std::string padding(widths[c] - line[c].size(), ' ');
      padded += (c == 0 ? "" : "  ") + (c > formula_column ? padding + line[c] : line[c] + padding);
    }
    table += padded.erase(padded.find_last_not_of(' ') + 1) + '\n';
  }
  return table;
}

inline std::string as_text(std::span<const ModelEntry> chosen) {
  std::string text;
  for (const ModelEntry& model : chosen)
    text += std::string(model.title) + "\n" + std::string(model.source) + "\n\n" + aligned(model) +
            "\n";
  for (const std::string& note : table_notes)
    text += note + "\n";
  return text;
}

inline std::string markdown_table(const ModelEntry& model) {
  std::string table = "|", rule = "|";
  for (std::size_t c = 0; c < table_header.size(); ++c) {
    table += " " + table_header[c] + " |";
    rule += c > formula_column ? "---:|" : "---|";
  }
  table += "\n" + rule + "\n";
  for (const Cells& line : table_cells(model)) {
    table += "|";
    for (std::size_t c = 0; c < line.size(); ++c) {
      // As code: Markdown would take what is between * for emphasis, and <...> for HTML.
      const bool code = line[c].find_first_of("*<") != std::string::npos;
      table += code ? " `" + line[c] + "` |" : " " + line[c] + " |";
    }
    table += "\n";
  }
  return table;
}

inline std::string as_markdown(std::span<const ModelEntry> chosen) {
  std::string text;
  for (const ModelEntry& model : chosen)
    text += "## " + std::string(model.title) + "\n\n" + std::string(model.source) + "\n\n" +
            markdown_table(model) + "\n";
  for (const std::string& note : table_notes)
    text += "- " + note + "\n";
  return text;
}

}  // namespace examples
