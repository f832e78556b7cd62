// SPDX-License-Identifier: MIT
#pragma once
// The layers of a network as text, for a report.

#include <span>
#include <string>

#include "lamina/model/layer_table.hpp"

namespace examples {

std::string layer_text(std::span<const lamina::LayerRow> table);

template <class Net, class In>
std::string layer_table_text() {
  return layer_text(lamina::layer_table<Net, In>);
}

}  // namespace examples
