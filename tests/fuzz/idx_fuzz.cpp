// SPDX-License-Identifier: MIT
// libFuzzer target: the IDX reader, plain and gzip. The first byte is the rank asked for, the rest
// the file. It gives an array of the size that it says, or throws std::runtime_error.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string>

#include "lamina/data/idx.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::istringstream in{std::string{reinterpret_cast<const char*>(data) + 1, size - 1}};
  const std::size_t rank = data[0] % 8;
  try {
    const lamina::IdxArray array = lamina::impl::read_idx(in, rank, "fuzz");
    std::size_t count = 1;
    for (const std::size_t extent : array.shape)
      count *= extent;
    if (array.shape.size() != rank || array.data.size() != count) std::abort();
  } catch (const std::runtime_error&) {
  }
  return 0;
}
