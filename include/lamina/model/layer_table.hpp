// SPDX-License-Identifier: MIT
#pragma once
// layer_table<Net, In>: what every layer of a network makes of what reaches it, as a constexpr array,
// for static_asserts and for printing. The dimension calculator.

#include <array>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lamina/core/isa.hpp"
#include "lamina/core/shape.hpp"
#include "lamina/core/text.hpp"
#include "lamina/layers/layer.hpp"
#include "lamina/model/network.hpp"

namespace lamina {

/// One layer of a network.
struct LayerRow {
  Text path;  ///< "3", or "0.3" inside a nested Sequential
  Text name;  ///< "Conv2d<32, 64, 4, 2, 1>"
  Dims input;
  Dims output;
  Window window;  ///< kernel 0 without a window
  Text formula;   ///< how height came about: "(14 + 2*1 - 4)/2 + 1 = 7"; empty without a window
  Text width_formula;  ///< the same for width
  std::int64_t parameters = 0;
  std::int64_t multiply_adds = 0;  ///< per image
  /// Input pixels per side that one output value depends on; 0: all of the input.
  int receptive_field = 1;
  /// The values that the layer reads: 0 is the network's input, i + 1 what row i puts out.
  int from = 0;
  int joined = -1;  ///< the second one, where two branches meet
};

namespace detail {

constexpr Text window_formula(const Window& window, int in, int out) {
  Text text;
  if (window.kernel == 0) return text;
  if (window.transposed) {
    text << "(" << in << " - 1)*" << window.stride << " - 2*" << window.padding << " + "
         << window.kernel;
    if (window.output_padding > 0) text << " + " << window.output_padding;
  } else {
    text << "(" << in << " + 2*" << window.padding << " - " << window.kernel << ")/"
         << window.stride << " + 1";
  }
  text << " = " << out;
  return text;
}

/// The receptive field while it grows along the layers. `numerator / denominator` is the distance, in
/// input pixels, between neighbouring positions.
struct Reach {
  int field = 1;
  int numerator = 1;
  int denominator = 1;
  bool everything = false;

  constexpr void through(const LayerInfo& layer, Dims in) {
    // Pixels made from a vector's values have no neighbours in the input.
    everything = everything || layer.sees_everything || (in.rank != 3 && layer.output.rank == 3);
    const Window& window = layer.window;
    if (window.kernel == 0) return;
    const int steps =
        window.transposed ? (window.kernel + window.stride - 1) / window.stride : window.kernel;
    field += ((steps - 1) * numerator + denominator - 1) / denominator;
    (window.transposed ? denominator : numerator) *= window.stride;
  }

  /// Of what joins two branches: the larger one.
  constexpr void meet(const Reach& other) {
    everything = everything || other.everything;
    if (other.field > field) *this = {other.field, numerator, denominator, everything};
  }
};

template <int... Path>
constexpr Text path_text(at_layer<Path...>) {
  Text text;
  ((text << (text.length == 0 ? "" : ".") << Path), ...);
  return text;
}

template <class L>
constexpr Text name_of() {
  if constexpr (Layer<L> || Join<L>) return L::name();
  return {};
}

template <class Net, class In, class... L, class... Path>
consteval auto make_layer_table(LeafList<Leaf<L, Path>...>) {
  constexpr std::size_t count = sizeof...(L);
  constexpr auto& trace = Network<Net, In>::trace;
  std::array<LayerRow, count> table{LayerRow{.path = path_text(Path{}),
                                             .name = name_of<L>(),
                                             .input = {},
                                             .output = {},
                                             .window = {},
                                             .formula = {},
                                             .width_formula = {}}...};
  std::array<Reach, count + 1> reaches{};  // by number of the value
  for (std::size_t i = 0; i < count; ++i) {
    const LayerInfo& layer = trace.layers[i];
    const Link link = trace.links[i];
    Reach& reach = reaches[i + 1];
    reach = reaches[static_cast<std::size_t>(link.input)];
    if (link.other >= 0) reach.meet(reaches[static_cast<std::size_t>(link.other)]);
    LayerRow& row = table[i];
    row.input = trace.inputs[i];
    row.output = layer.output;
    row.window = layer.window;
    row.formula = window_formula(layer.window, row.input.height(), row.output.height());
    row.width_formula = window_formula(layer.window, row.input.width(), row.output.width());
    for (int j = 0; j < layer.parameter_count; ++j)
      row.parameters +=
          static_cast<std::int64_t>(layer.parameters[static_cast<std::size_t>(j)].shape.size());
    row.multiply_adds = layer.multiply_adds;
    reach.through(layer, row.input);
    row.receptive_field = reach.everything ? 0 : reach.field;
    row.from = link.input;
    row.joined = link.other;
  }
  return table;
}

}  // namespace detail

/// The layers of Net for an input of shape In; a wrong network does not compile.
template <class Net, AnyShape In>
inline constexpr auto layer_table =
    detail::make_layer_table<Net, In>(typename detail::Checked<Net, In>::leaves{});

}  // namespace lamina

namespace lamina::inline LAMINA_ISA {

/// "1 x 28 x 28".
inline std::string to_string(const Dims& dims) {
  std::string text;
  for (int i = 0; i < dims.rank; ++i)
    text += (i == 0 ? "" : " x ") + std::to_string(dims[i]);
  return text;
}

/// The name without those arguments that the row's shapes and window show: "Conv2d", "LeakyReLU<0.2>".
inline std::string short_name(const LayerRow& row) {
  const std::string_view name = row.name.view();
  const bool shown = row.input != row.output || row.window.kernel > 0 || row.parameters > 0;
  return std::string(shown ? name.substr(0, name.find('<')) : name);
}

/// Writes a layer table as aligned text with a line of totals.
inline void print(std::ostream& out, std::span<const LayerRow> table) {
  constexpr std::size_t columns = 8;
  using Cells = std::array<std::string, columns>;
  std::vector<Cells> lines{
      {"", "layer", "input", "output", "height", "parameters", "multiply-adds", "sees"}};
  std::int64_t parameters = 0;
  std::int64_t multiply_adds = 0;
  for (const LayerRow& row : table) {
    parameters += row.parameters;
    multiply_adds += row.multiply_adds;
    lines.push_back({std::string(row.path.view()), std::string(row.name.view()),
                     to_string(row.input), to_string(row.output), std::string(row.formula.view()),
                     std::to_string(row.parameters), std::to_string(row.multiply_adds),
                     row.receptive_field == 0 ? "all" : std::to_string(row.receptive_field)});
  }
  lines.push_back(
      {"", "total", "", "", "", std::to_string(parameters), std::to_string(multiply_adds), ""});
  std::array<std::size_t, columns> widths{};
  for (const Cells& line : lines)
    for (std::size_t c = 0; c < columns; ++c)
      if (line[c].size() > widths[c]) widths[c] = line[c].size();
  for (const Cells& line : lines) {
    std::string text;
    for (std::size_t c = 0; c < columns; ++c) {
      const std::string padding(widths[c] - line[c].size(), ' ');
      const bool number = c >= 5;
      text += (c == 0 ? "" : "  ") + (number ? padding + line[c] : line[c] + padding);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out << text << '\n';
  }
}

}  // namespace lamina::inline LAMINA_ISA
