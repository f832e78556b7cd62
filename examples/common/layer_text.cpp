// SPDX-License-Identifier: MIT
#include "common/layer_text.hpp"

#include <sstream>

namespace examples {

std::string layer_text(std::span<const lamina::LayerRow> table) {
  std::ostringstream text;
  lamina::print(text, table);
  return text.str();
}

}  // namespace examples
