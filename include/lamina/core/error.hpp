// SPDX-License-Identifier: MIT
#pragma once
// How lamina refuses: one sentence that says what was expected, what came and what to do. An error is
// thrown before anything has changed.

#include <sstream>
#include <stdexcept>
#include <string>

#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

/// A sentence from its parts: sentence("expected ", 3, " values, got ", 4).
template <class... Parts>
std::string sentence(const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  return text.str();
}

/// Throws std::invalid_argument with the sentence unless `condition` holds.
template <class... Parts>
void require(bool condition, const Parts&... parts) {
  if (!condition) throw std::invalid_argument(sentence("lamina: ", parts...));
}

}  // namespace lamina::inline LAMINA_ISA
