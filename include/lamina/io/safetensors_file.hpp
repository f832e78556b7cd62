// SPDX-License-Identifier: MIT
#pragma once
// Reads and writes safetensors files: named arrays with element type and shape, apart from any
// model. A file is checked in full before anything of it is handed out, and written so that it
// replaces an older one in one step.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <istream>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/io/atomic_file.hpp"
#include "lamina/io/input_file.hpp"
#include "lamina/io/safetensors_header.hpp"

namespace lamina::inline LAMINA_ISA {

static_assert(std::endian::native == std::endian::little,
              "safetensors data is little-endian, and is passed on as it lies in the file");

namespace impl {

/// The format's name for a C++ type.
template <class T>
inline constexpr std::string_view dtype_of = "";
template <>
inline constexpr std::string_view dtype_of<float> = "F32";
template <>
inline constexpr std::string_view dtype_of<double> = "F64";
template <>
inline constexpr std::string_view dtype_of<std::int8_t> = "I8";
template <>
inline constexpr std::string_view dtype_of<std::int16_t> = "I16";
template <>
inline constexpr std::string_view dtype_of<std::int32_t> = "I32";
template <>
inline constexpr std::string_view dtype_of<std::int64_t> = "I64";
template <>
inline constexpr std::string_view dtype_of<std::uint8_t> = "U8";
template <>
inline constexpr std::string_view dtype_of<std::uint16_t> = "U16";
template <>
inline constexpr std::string_view dtype_of<std::uint32_t> = "U32";
template <>
inline constexpr std::string_view dtype_of<std::uint64_t> = "U64";

}  // namespace impl

/// One tensor of a file. It does not own its bytes, which may lie at any address, aligned or not.
struct SafetensorsEntry {
  std::string dtype;  ///< "F32", "I64", ...: the format's name
  std::vector<std::size_t> shape;
  std::span<const std::byte> bytes;  ///< row-major, little-endian

  /// The entry for values that lie elsewhere and stay there.
  template <class T>
  static SafetensorsEntry of(std::span<const T> values, std::vector<std::size_t> shape) {
    static_assert(!impl::dtype_of<T>.empty(), "a safetensors file has no such element type");
    return {std::string{impl::dtype_of<T>}, std::move(shape), std::as_bytes(values)};
  }

  /// A copy of the values, which must have T's element type (std::runtime_error otherwise).
  template <class T>
  std::vector<T> values() const {
    static_assert(!impl::dtype_of<T>.empty(), "a safetensors file has no such element type");
    if (dtype != impl::dtype_of<T>) {
      throw std::runtime_error{sentence("lamina: expected a tensor of element type ",
                                        impl::dtype_of<T>, ", got ", dtype,
                                        "; convert it before it is saved")};
    }
    std::vector<T> result(bytes.size() / sizeof(T));
    std::ranges::copy(bytes, std::as_writable_bytes(std::span{result}).begin());
    return result;
  }
};

using SafetensorsEntries = std::map<std::string, SafetensorsEntry, std::less<>>;

/// A file that has been read and checked. The entries point into `storage`.
struct SafetensorsFile {
  SafetensorsEntries entries;
  SafetensorsMetadata metadata;
  std::unique_ptr<std::byte[]> storage;
};

/// Reads a safetensors file into memory.
/// errors run: std::runtime_error: not readable, truncated, surplus bytes, a header too long or not
///        of the format, duplicate names, sizes that overflow or do not fit, holes, overlaps
SafetensorsFile read_safetensors(const std::filesystem::path& file);

/// Writes a safetensors file in the format's usual order (wide element types first, then by name);
/// equal arguments give equal bytes.
/// errors run: std::invalid_argument: an element type that the format lacks, bytes that do not fit
///        type and shape, a reserved name, text that is not UTF-8; std::runtime_error: the file
///        cannot be written
void write_safetensors(const std::filesystem::path& file, const SafetensorsEntries& entries,
                       const SafetensorsMetadata& metadata = {});

namespace impl {

inline constexpr std::size_t safetensors_length_bytes = 8;

/// Reads exactly this many bytes.
inline void read_exactly(std::istream& in, std::span<char> out, std::string_view file) {
  in.read(out.data(), static_cast<std::streamsize>(out.size()));
  if (static_cast<std::size_t>(in.gcount()) != out.size()) {
    throw file_error(file, std::to_string(out.size()) + " more bytes", std::to_string(in.gcount()),
                     "the file was changed meanwhile or the disk has an error, try again");
  }
}

/// Reads a file of file_size bytes from a stream.
inline SafetensorsFile read_safetensors(std::istream& in, std::uint64_t file_size,
                                        std::string_view file) {
  if (file_size < safetensors_length_bytes) {
    throw file_error(file, "a safetensors file, which has at least 8 bytes",
                     std::to_string(file_size), "the file is truncated, fetch or save it again");
  }
  std::array<char, safetensors_length_bytes> little_endian{};
  read_exactly(in, little_endian, file);
  const auto header_size = std::bit_cast<std::uint64_t>(little_endian);
  const std::uint64_t behind_length = file_size - safetensors_length_bytes;
  if (header_size > safetensors_header_limit) {
    throw file_error(file, "a header of at most 100000000 bytes", std::to_string(header_size),
                     safetensors_remedy);
  }
  if (header_size > behind_length) {
    throw file_error(file, "a header of " + std::to_string(header_size) + " bytes",
                     "only " + std::to_string(behind_length) + " bytes",
                     "the file is truncated or no safetensors file");
  }
  std::string json(static_cast<std::size_t>(header_size), '\0');
  read_exactly(in, json, file);
  const std::uint64_t data_size = behind_length - header_size;
  SafetensorsHeader header = parse_safetensors_header(json, data_size, file);

  SafetensorsFile result;
  const auto size = static_cast<std::size_t>(data_size);
  result.storage = std::make_unique_for_overwrite<std::byte[]>(size);
  read_exactly(in, {reinterpret_cast<char*>(result.storage.get()), size}, file);
  const std::span<const std::byte> data{result.storage.get(), size};
  for (auto& [name, info] : header.tensors) {
    const auto begin = static_cast<std::size_t>(info.begin);
    const auto bytes = data.subspan(begin, static_cast<std::size_t>(info.end) - begin);
    result.entries.emplace(name,
                           SafetensorsEntry{std::move(info.dtype), std::move(info.shape), bytes});
  }
  result.metadata = std::move(header.metadata);
  return result;
}

inline std::string json_string(std::string_view text) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::exception&) {
    throw std::invalid_argument{
        sentence("lamina: write_safetensors: expected names and metadata in UTF-8, got ",
                 in_quotes(text), "; rename it")};
  }
}

/// The position of the entry's type in safetensors_dtypes; throws for an entry that the format
/// cannot hold.
inline std::size_t check_entry(const std::string& name, const SafetensorsEntry& entry) {
  require(name != safetensors_metadata_key,
          "write_safetensors: expected a name that is not reserved, got ", in_quotes(name),
          "; choose another");
  const auto dtype = find_dtype(entry.dtype);
  require(dtype.has_value(), "write_safetensors: expected an element type of the format for ",
          in_quotes(name), ", got ", in_quotes(entry.dtype), "; take F32, for example");
  require(entry.shape.size() <= safetensors_rank_limit, "write_safetensors: expected at most ",
          safetensors_rank_limit, " dimensions for ", in_quotes(name), ", got ", entry.shape.size(),
          "; reshape it");
  const auto size = byte_size(safetensors_dtypes[*dtype], entry.shape);
  require(size == entry.bytes.size(), "write_safetensors: expected as many bytes for ",
          in_quotes(name), " as its type and shape say, got ", entry.bytes.size(),
          "; correct the entry");
  return *dtype;
}

/// The header's JSON, padded with spaces so that the data begins at a multiple of 8.
inline std::string safetensors_json(std::span<const SafetensorsEntries::value_type* const> in_order,
                                    const SafetensorsMetadata& metadata) {
  std::string json{"{"};
  const auto comma = [&json] { json.append(json.back() == '{' ? "" : ","); };
  if (!metadata.empty()) {
    json.append(json_string(safetensors_metadata_key)).append(":{");
    for (const auto& [key, value] : metadata) {
      comma();
      json.append(json_string(key)).append(":").append(json_string(value));
    }
    json.append("}");
  }
  std::size_t offset = 0;
  for (const auto* named : in_order) {
    const auto& [name, entry] = *named;
    comma();
    json.append(json_string(name))
        .append(":{\"dtype\":\"")
        .append(entry.dtype)
        .append("\",\"shape\":[");
    for (const std::size_t extent : entry.shape) {
      json.append(json.back() == '[' ? "" : ",").append(std::to_string(extent));
    }
    json.append("],\"data_offsets\":[").append(std::to_string(offset)).append(",");
    offset += entry.bytes.size();
    json.append(std::to_string(offset)).append("]}");
  }
  json.append("}");
  json.append((8 - json.size() % 8) % 8, ' ');
  return json;
}

}  // namespace impl

inline SafetensorsFile read_safetensors(const std::filesystem::path& file) {
  std::ifstream in = impl::open_input_file(file);
  return impl::read_safetensors(in, std::filesystem::file_size(file), file.string());
}

inline void write_safetensors(const std::filesystem::path& file, const SafetensorsEntries& entries,
                              const SafetensorsMetadata& metadata) {
  std::map<std::pair<std::size_t, std::string_view>, const SafetensorsEntries::value_type*> sorted;
  for (const auto& named : entries) {
    const std::size_t dtype = impl::check_entry(named.first, named.second);
    sorted.emplace(
        std::pair{impl::safetensors_dtypes.size() - dtype, std::string_view{named.first}}, &named);
  }
  std::vector<const SafetensorsEntries::value_type*> in_order;
  for (const auto& [type_and_name, named] : sorted)
    in_order.push_back(named);

  const std::string json = impl::safetensors_json(in_order, metadata);
  require(json.size() <= impl::safetensors_header_limit,
          "write_safetensors: expected a header of at most ", impl::safetensors_header_limit,
          " bytes, got ", json.size(), "; use fewer or shorter names");
  AtomicFile out{file};
  const std::array<std::uint64_t, 1> length{json.size()};
  out.write(std::as_bytes(std::span{length}));
  out.write(json);
  for (const auto* named : in_order)
    out.write(named->second.bytes);
  out.commit();
}

}  // namespace lamina::inline LAMINA_ISA
