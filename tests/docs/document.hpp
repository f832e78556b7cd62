// SPDX-License-Identifier: MIT
#pragma once
// The C++ in a page of docs/, for tests that compile the same text.

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace document {

inline std::string text_of(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The ```cpp blocks of docs/<page>.
inline std::vector<std::string> snippets(const std::string& page) {
  const std::string text = text_of(LAMINA_TEST_FIXTURES "/../../docs/" + page);
  const std::string begin = "```cpp\n";
  std::vector<std::string> blocks;
  for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at + 1)) {
    const std::size_t first = at + begin.size();
    blocks.push_back(text.substr(first, text.find("```", first) - first));
  }
  return blocks;
}

}  // namespace document
