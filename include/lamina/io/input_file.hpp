// SPDX-License-Identifier: MIT
#pragma once
// How files are opened for reading and how their readers complain: one sentence that names the
// file, what was expected, what was found and what to do. Text out of a file is made printable
// first, it may be hostile.

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA::impl {

/// "'file': expected ..., got ...; remedy." as the exception to throw.
inline std::runtime_error file_error(std::string_view file, std::string_view expected,
                                     std::string_view got, std::string_view remedy) {
  return std::runtime_error{
      sentence("'", file, "': expected ", expected, ", got ", got, "; ", remedy)};
}

/// Text out of a file between quotes: control characters as '?', cut after 80 bytes.
inline std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 80;
  std::string result{"'"};
  for (const char c : text.substr(0, longest)) {
    const auto code = static_cast<unsigned char>(c);
    result.push_back(code < 0x20 || code == 0x7f ? '?' : c);
  }
  return result.append(text.size() > longest ? "...'" : "'");
}

/// Opens a file for reading bytes; folders, devices and pipes are refused.
inline std::ifstream open_input_file(const std::filesystem::path& file) {
  std::error_code unreadable;
  const auto status = std::filesystem::status(file, unreadable);
  if (!std::filesystem::is_regular_file(status)) {
    throw file_error(file.string(), "a regular file",
                     std::filesystem::exists(status) ? "something else" : "nothing there",
                     "check the path");
  }
  std::ifstream in{file, std::ios::binary};
  if (!in) throw file_error(file.string(), "to open the file", "an error", "check the permissions");
  return in;
}

}  // namespace lamina::inline LAMINA_ISA::impl
