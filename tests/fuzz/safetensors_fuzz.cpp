// SPDX-License-Identifier: MIT
// libFuzzer target: the safetensors reader. It throws std::runtime_error, or gives entries that can
// be written and read again with the same result.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "lamina/io/safetensors_file.hpp"

namespace {

std::string file_of(const std::string& json, const std::string& data) {
  std::string bytes;
  for (unsigned shift = 0; shift < 64; shift += 8)
    bytes.push_back(static_cast<char>(std::uint64_t{json.size()} >> shift));
  return bytes + json + data;
}

lamina::SafetensorsFile read(const std::string& bytes) {
  std::istringstream in{bytes};
  return lamina::impl::read_safetensors(in, bytes.size(), "fuzz");
}

std::string write(const lamina::SafetensorsFile& file) {
  std::vector<const lamina::SafetensorsEntries::value_type*> entries;
  for (const auto& named : file.entries)
    entries.push_back(&named);
  const std::string json = lamina::impl::safetensors_json(entries, file.metadata);
  std::string data;
  for (const auto* named : entries) {
    const auto tensor = named->second.bytes;
    data.append(reinterpret_cast<const char*>(tensor.data()), tensor.size());
  }
  return file_of(json, data);
}

bool same(const lamina::SafetensorsFile& a, const lamina::SafetensorsFile& b) {
  return a.metadata == b.metadata &&
         std::ranges::equal(a.entries, b.entries, [](const auto& x, const auto& y) {
           return x.first == y.first && x.second.dtype == y.second.dtype &&
                  x.second.shape == y.second.shape &&
                  std::ranges::equal(x.second.bytes, y.second.bytes);
         });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes{reinterpret_cast<const char*>(data), size};
  if (size >= 2 && data[0] == 0) bytes = file_of(bytes.substr(2), std::string(data[1], 'x'));
  try {
    const auto file = read(bytes);
    for (const auto& [name, entry] : file.entries)
      lamina::impl::check_entry(name, entry);
    if (!same(file, read(write(file)))) std::abort();
  } catch (const std::runtime_error&) {
  }
  return 0;
}
