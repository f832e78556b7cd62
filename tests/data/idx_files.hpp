// SPDX-License-Identifier: MIT
#pragma once
// IDX and gzip files for tests, made byte by byte.

#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

#include <zlib.h>

namespace support {

/// The header of an IDX file of unsigned bytes.
inline std::string idx_header(std::initializer_list<std::uint32_t> shape) {
  std::string header{'\0', '\0', '\x08', static_cast<char>(shape.size())};
  for (const std::uint32_t extent : shape)
    for (int shift = 24; shift >= 0; shift -= 8)
      header.push_back(static_cast<char>(extent >> shift));
  return header;
}

/// One gzip stream.
inline std::string gzip(std::string_view content) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error{"deflateInit2"};
  std::string packed(deflateBound(&stream, static_cast<uLong>(content.size())), '\0');
  std::string input{content};
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int status = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error{"deflate"};
  return packed;
}

}  // namespace support
