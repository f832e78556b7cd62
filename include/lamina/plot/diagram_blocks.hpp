// SPDX-License-Identifier: MIT
#pragma once
// What stands in the diagram of a network: its activation maps, and what is written between them.

#include <cstddef>
#include <span>
#include <string>
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

/// How many layers read each value: 0 is the network's input, i + 1 what row i puts out.
inline std::vector<int> count_readers(std::span<const LayerRow> rows) {
  std::vector<int> readers(rows.size() + 1);
  for (const LayerRow& row : rows) {
    ++readers[static_cast<std::size_t>(row.from)];
    if (row.joined >= 0) ++readers[static_cast<std::size_t>(row.joined)];
  }
  return readers;
}

/// The network's input and the maps that its layers make of it. A layer that computes value by value
/// has no block of its own where nothing else reads its input. What other layers than the next one
/// read is a branch, with a number where it begins and where it goes.
inline std::vector<DiagramBlock> diagram_blocks(std::span<const LayerRow> rows) {
  std::vector<DiagramBlock> blocks{{.map = rows.front().input,
                                    .labels = {to_string(rows.front().input)},
                                    .made_by = {},
                                    .then = {}}};
  const std::vector<int> readers = count_readers(rows);
  std::vector<std::size_t> block_of{0};  // by number of the value
  std::vector<std::string> branch_of(1);
  int branches = 0;
  const auto branch = [&](int value) {
    const std::size_t block = block_of[static_cast<std::size_t>(value)];
    if (branch_of[block].empty()) {
      branch_of[block] = "branch " + std::to_string(++branches);
      blocks[block].labels.push_back(branch_of[block]);
    }
    return branch_of[block];
  };
  for (const LayerRow& row : rows) {
    const auto from = static_cast<std::size_t>(row.from);
    const bool follows = block_of[from] + 1 == blocks.size();
    const bool makes_map = row.input != row.output || row.window.kernel > 0 ||
                           row.multiply_adds > 0 || row.joined >= 0;
    if (makes_map || readers[from] > 1 || from == 0) {
      std::vector<std::string> lines = operation_of(row);
      if (!follows) lines.push_back("of " + branch(row.from));
      if (row.joined >= 0) lines.push_back("with " + branch(row.joined));
      blocks.push_back(
          {.map = row.output, .labels = {to_string(row.output)}, .made_by = lines, .then = {}});
      branch_of.emplace_back();
    } else {
      blocks.back().then.push_back(short_name(row));
    }
    block_of.push_back(blocks.size() - 1);
  }
  return blocks;
}

}  // namespace lamina::inline LAMINA_ISA::plot::detail
