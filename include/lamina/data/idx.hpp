// SPDX-License-Identifier: MIT
#pragma once
// Reader of IDX files, the format of MNIST and its relatives: an array of unsigned bytes of any
// rank, plain or gzip. A file is taken for hostile: nothing is allocated on the word of its header
// alone.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <istream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lamina/core/isa.hpp"
#include "lamina/data/gzip_reader.hpp"
#include "lamina/io/input_file.hpp"

namespace lamina::inline LAMINA_ISA {

struct IdxArray {
  std::vector<std::size_t> shape;
  std::vector<std::uint8_t> data;  ///< row-major
};

/// Reads an IDX file of unsigned bytes of this rank: 3 for images (N, H, W), 1 for labels.
/// errors run: std::runtime_error: not readable, wrong magic number, element type or rank, more
///        than 4 GiB, truncated, surplus bytes, damaged gzip
inline IdxArray read_idx(const std::filesystem::path& file, std::size_t rank);

namespace impl {

inline constexpr std::uint64_t idx_size_limit = std::uint64_t{1} << 32;

inline std::string to_string(std::span<const std::size_t> shape) {
  std::string text;
  for (const std::size_t extent : shape) {
    text.append(text.empty() ? "(" : ", ").append(std::to_string(extent));
  }
  return text.append(")");
}

inline std::string hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text{"0x"};
  for (const std::uint8_t byte : bytes) {
    text.push_back(digits[byte >> 4U]);
    text.push_back(digits[byte & 15U]);
  }
  return text;
}

/// The shape out of the header, with a product that fits.
inline std::vector<std::size_t> read_idx_shape(GzipReader& reader, std::size_t rank,
                                               const std::string& name) {
  constexpr std::uint8_t unsigned_byte = 8;
  const std::array<std::uint8_t, 4> expected{0, 0, unsigned_byte, static_cast<std::uint8_t>(rank)};
  std::array<std::uint8_t, 4> magic{};
  const std::size_t magic_bytes = reader.read(magic);
  if (magic_bytes < magic.size() || magic != expected) {
    throw file_error(name,
                     "the IDX magic number " + hex(expected) + " (unsigned bytes, rank " +
                         std::to_string(rank) + ")",
                     magic_bytes == 0 ? "an empty file" : hex(std::span{magic}.first(magic_bytes)),
                     "give a file of that kind");
  }
  std::vector<std::size_t> shape;
  std::uint64_t count = 1;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    std::array<std::uint8_t, 4> big_endian{};
    if (reader.read(big_endian) < big_endian.size()) {
      throw file_error(name, std::to_string(rank) + " sizes in the IDX header",
                       "the end of the file in size " + std::to_string(axis + 1),
                       "the file is truncated, fetch it again");
    }
    std::uint64_t extent = 0;
    for (const std::uint8_t byte : big_endian)
      extent = extent << 8U | byte;
    shape.push_back(static_cast<std::size_t>(extent));
    // Both factors are below 2^32 + 1, so that the product cannot wrap.
    count *= extent;
    if (count > idx_size_limit) {
      throw file_error(name, "at most 4 GiB of elements",
                       "the shape " + to_string(shape) + (axis + 1 < rank ? " and more axes" : ""),
                       "the file is damaged or not for this reader");
    }
  }
  return shape;
}

inline IdxArray read_idx(std::istream& in, std::size_t rank, const std::string& name) {
  GzipReader reader{in, name};
  IdxArray array{.shape = read_idx_shape(reader, rank, name), .data = {}};
  std::size_t count = 1;
  for (const std::size_t extent : array.shape)
    count *= extent;

  // Memory doubles with what has really arrived, whatever the header says.
  constexpr std::size_t first_step = std::size_t{1} << 20;
  while (array.data.size() < count) {
    const std::size_t have = array.data.size();
    const std::size_t step = (std::min)(count - have, (std::max)(first_step, have));
    array.data.resize(have + step);
    const std::size_t arrived = reader.read(std::span{array.data}.subspan(have));
    if (arrived < step) {
      throw file_error(name,
                       std::to_string(count) + " elements for the shape " + to_string(array.shape),
                       std::to_string(have + arrived), "the file is truncated, fetch it again");
    }
  }
  std::array<std::uint8_t, 1> surplus{};
  if (reader.read(surplus) != 0) {
    throw file_error(name,
                     "the end of the file after " + std::to_string(count) +
                         " elements for the shape " + to_string(array.shape),
                     "more bytes", "the file is damaged, fetch it again");
  }
  return array;
}

}  // namespace impl

inline IdxArray read_idx(const std::filesystem::path& file, std::size_t rank) {
  std::ifstream in = impl::open_input_file(file);
  return impl::read_idx(in, rank, file.string());
}

}  // namespace lamina::inline LAMINA_ISA
