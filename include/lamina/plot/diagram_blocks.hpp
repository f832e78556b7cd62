// SPDX-License-Identifier: MIT
#pragma once
// What stands in the diagram of a network: its activation maps, and what is written between them.

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lamina/core/isa.hpp"
#include "lamina/core/shape.hpp"
#include "lamina/model/layer_table.hpp"

namespace lamina::inline LAMINA_ISA::plot::detail {

/// An activation map, and the layers that make it of the one in front of it.
struct DiagramBlock {
  Dims map;
  std::vector<std::string> labels;   ///< below the block: "64 x 14 x 14", "branch 1"
  std::vector<std::string> made_by;  ///< above the arrow: the layer that makes the map
  std::vector<std::string> then;     ///< below the arrow: layers that leave its shape as it is
};

inline std::vector<std::string> operation_of(const LayerRow& row) {
  std::vector<std::string> lines{short_name(row)};
  const Window& window = row.window;
  if (window.kernel == 0) return lines;
  const auto text = [](int number) { return std::to_string(number); };
  lines.push_back(text(window.kernel) + " x " + text(window.kernel) + ", stride " +
                  text(window.stride));
  lines.push_back("padding " + text(window.padding));
  if (window.output_padding > 0) lines.push_back("output padding " + text(window.output_padding));
  return lines;
}

/// A number for each value that another layer reads than the next one, counted from 1; 0 for all
/// others. Value 0 is the network's input, value i + 1 what row i puts out.
inline std::vector<int> number_branches(std::span<const LayerRow> rows) {
  std::vector<int> numbers(rows.size() + 1);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto from = static_cast<std::size_t>(rows[i].from);
    if (from != i) numbers[from] = 1;
    if (rows[i].joined >= 0) numbers[static_cast<std::size_t>(rows[i].joined)] = 1;
  }
  int count = 0;
  for (int& number : numbers)
    if (number > 0) number = ++count;
  return numbers;
}

/// Whether a layer makes a map of its own, in place of new values for the one that it reads.
inline bool makes_map(const LayerRow& row) {
  const bool mixes_vector = row.input.rank == 1 && row.multiply_adds > 0;
  return row.input != row.output || row.window.kernel > 0 || mixes_vector || row.joined >= 0;
}

/// The network's input and the maps that its layers make of it. What makes no map has a block of its
/// own only where its input is needed elsewhere. Branches have their number where they begin and where
/// they go.
inline std::vector<DiagramBlock> diagram_blocks(std::span<const LayerRow> rows) {
  const std::vector<int> branches = number_branches(rows);
  const auto branch = [&](std::size_t value) {
    return "branch " + std::to_string(branches[value]);
  };
  std::vector<DiagramBlock> blocks;
  const auto add_block = [&](Dims map, std::vector<std::string> made_by) {
    blocks.push_back(
        {.map = map, .labels = {to_string(map)}, .made_by = std::move(made_by), .then = {}});
  };
  add_block(rows.front().input, {});
  if (branches[0] > 0) blocks.back().labels.push_back(branch(0));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const LayerRow& row = rows[i];
    const auto from = static_cast<std::size_t>(row.from);
    if (makes_map(row) || branches[from] > 0 || from == 0) {
      std::vector<std::string> lines = operation_of(row);
      if (from != i) lines.push_back("of " + branch(from));
      if (row.joined >= 0) lines.push_back("with " + branch(static_cast<std::size_t>(row.joined)));
      add_block(row.output, std::move(lines));
    } else {
      blocks.back().then.push_back(short_name(row));
    }
    if (branches[i + 1] > 0) blocks.back().labels.push_back(branch(i + 1));
  }
  return blocks;
}

}  // namespace lamina::inline LAMINA_ISA::plot::detail
