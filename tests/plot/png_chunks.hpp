// SPDX-License-Identifier: MIT
#pragma once
// PNG streams taken apart and put together by the format's definition, with zlib and without libpng.

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>

namespace plot_test {

inline constexpr std::string_view signature{"\x89PNG\r\n\x1a\n", 8};

struct Chunk {
  std::string type, data;
};

/// Big-endian numbers, as PNG has them.
inline std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t size = 4) {
  std::uint32_t value = 0;
  for (const char byte : bytes.substr(at, size))
    value = value << 8U | static_cast<unsigned char>(byte);
  return value;
}
inline std::string number_bytes(std::uint32_t value) {
  std::string bytes;
  for (unsigned shift = 32; shift > 0; shift -= 8)
    bytes.push_back(static_cast<char>(value >> (shift - 8) & 0xFFU));
  return bytes;
}

inline std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      ::crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

/// All chunks; a failure of the test where a checksum is wrong or bytes are left.
inline std::vector<Chunk> parse(std::string_view png) {
  EXPECT_EQ(png.substr(0, 8), signature);
  std::vector<Chunk> chunks;
  std::size_t at = 8;
  while (at + 12 <= png.size()) {
    const std::size_t length = number(png, at);
    if (length > png.size() - at - 12) break;
    const std::string_view body = png.substr(at + 4, length + 4);
    EXPECT_EQ(number(png, at + 8 + length), checksum(body)) << body.substr(0, 4);
    chunks.push_back({std::string(body.substr(0, 4)), std::string(body.substr(4))});
    at += length + 12;
  }
  EXPECT_EQ(at, png.size()) << "a chunk is cut off";
  return chunks;
}

inline std::string write(const std::vector<Chunk>& chunks) {
  std::string png{signature};
  for (const auto& [type, data] : chunks)
    png += number_bytes(static_cast<std::uint32_t>(data.size())) + type + data +
           number_bytes(checksum(type + data));
  return png;
}

/// The IHDR of an image without interlacing.
inline Chunk header(std::uint32_t width, std::uint32_t height, int bits, int color_type) {
  return {"IHDR", number_bytes(width) + number_bytes(height) + static_cast<char>(bits) +
                      static_cast<char>(color_type) + std::string(3, '\0')};
}

/// The IDAT of rows, each of which begins with its filter.
inline Chunk image_data(const std::string& rows) {
  uLongf size = ::compressBound(static_cast<uLong>(rows.size()));
  std::string packed(size, '\0');
  if (::compress(reinterpret_cast<Bytef*>(packed.data()), &size,
                 reinterpret_cast<const Bytef*>(rows.data()),
                 static_cast<uLong>(rows.size())) != Z_OK)
    throw std::runtime_error("zlib cannot compress");
  packed.resize(size);
  return {"IDAT", packed};
}

}  // namespace plot_test
