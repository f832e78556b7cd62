// SPDX-License-Identifier: MIT
#pragma once
// Plain text inside HTML and SVG.

#include <string>
#include <string_view>

#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA::plot::detail {

/// Plain text as the text or an attribute of HTML or XML. Control characters, which both forbid,
/// become spaces.
inline std::string escape_markup(std::string_view text) {
  std::string markup;
  markup.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        markup += "&amp;";
        break;
      case '<':
        markup += "&lt;";
        break;
      case '>':
        markup += "&gt;";
        break;
      case '"':
        markup += "&quot;";
        break;
      case '\'':
        markup += "&#39;";
        break;
      default:
        markup +=
            (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F ? ' ' : c;
    }
  }
  return markup;
}

}  // namespace lamina::inline LAMINA_ISA::plot::detail
