// SPDX-License-Identifier: MIT
#pragma once
// The tables of networks for programs: CSV (RFC 4180, lines end as on this system) and JSON.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "lamina/shapes.hpp"

#include "models.hpp"

namespace examples {

/// A cell of a CSV, in quotes where it holds a comma; no cell here holds quotes.
inline std::string csv_cell(std::string_view text) {
  return text.find(',') == text.npos ? std::string(text) : '"' + std::string(text) + '"';
}

/// A line a layer, the networks one below the other.
inline std::string as_csv(std::span<const ModelEntry> chosen) {
  std::string csv =
      "model,path,layer,kernel,stride,padding,output_padding,input,output,height_formula,"
      "width_formula,parameters,multiply_adds,receptive_field\n";
  const auto add = [&](std::string_view cell, char end = ',') { (csv += csv_cell(cell)) += end; };
  const auto number = [](auto value) { return std::to_string(value); };
  for (const ModelEntry& model : chosen) {
    for (const lamina::LayerRow& row : model.rows) {
      add(model.name);
      add(row.path.view());
      add(row.name.view());
      const lamina::Window& window = row.window;
      for (const int value : {window.kernel, window.stride, window.padding, window.output_padding})
        add(window.kernel > 0 ? number(value) : "");
      add(to_string(row.input));
      add(to_string(row.output));
      add(row.formula.view());
      add(row.width_formula.view());
      add(number(row.parameters));
      add(number(row.multiply_adds));
      add(row.receptive_field == 0 ? "all" : number(row.receptive_field), '\n');
    }
  }
  return csv;
}

inline nlohmann::ordered_json json_of(const lamina::Dims& dims) {
  auto extents = nlohmann::ordered_json::array();
  for (int i = 0; i < dims.rank; ++i)
    extents.push_back(dims[i]);
  return extents;
}

/// What a layer has not (a window, a formula, an end of what it sees) is null.
inline nlohmann::ordered_json json_of(const lamina::LayerRow& row) {
  const lamina::Window& window = row.window;
  const auto if_window = [&](const auto& value) {
    return window.kernel > 0 ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
  };
  return {{"path", row.path.view()},
          {"layer", row.name.view()},
          {"kernel", if_window(window.kernel)},
          {"stride", if_window(window.stride)},
          {"padding", if_window(window.padding)},
          {"output_padding", if_window(window.output_padding)},
          {"input", json_of(row.input)},
          {"output", json_of(row.output)},
          {"height_formula", if_window(row.formula.view())},
          {"width_formula", if_window(row.width_formula.view())},
          {"parameters", row.parameters},
          {"multiply_adds", row.multiply_adds},
          {"receptive_field", row.receptive_field > 0 ? nlohmann::ordered_json(row.receptive_field)
                                                      : nlohmann::ordered_json()}};
}

inline std::string as_json(std::span<const ModelEntry> chosen) {
  auto entries = nlohmann::ordered_json::array();
  for (const ModelEntry& model : chosen) {
    auto layers = nlohmann::ordered_json::array();
    for (const lamina::LayerRow& row : model.rows)
      layers.push_back(json_of(row));
    entries.push_back({{"name", model.name},
                       {"title", model.title},
                       {"source", model.source},
                       {"parameters", model.parameters()},
                       {"multiply_adds", model.multiply_adds()},
                       {"layers", layers}});
  }
  return nlohmann::ordered_json{{"models", entries}}.dump(2) + "\n";
}

}  // namespace examples
