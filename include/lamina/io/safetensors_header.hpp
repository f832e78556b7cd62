// SPDX-License-Identifier: MIT
#pragma once
// The header of a safetensors file: JSON that says of each tensor its element type, shape and place
// in the data behind it. A file is taken for hostile: whatever the format does not allow is an
// exception.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "lamina/core/isa.hpp"
#include "lamina/io/input_file.hpp"

namespace lamina::inline LAMINA_ISA {

using SafetensorsMetadata = std::map<std::string, std::string, std::less<>>;

}  // namespace lamina::inline LAMINA_ISA

namespace lamina::inline LAMINA_ISA::impl {

inline constexpr std::uint64_t safetensors_header_limit = 100'000'000;
inline constexpr std::size_t safetensors_rank_limit = 32;
inline constexpr std::string_view safetensors_metadata_key = "__metadata__";
inline constexpr std::string_view safetensors_remedy = "the file is damaged or no safetensors file";

struct SafetensorsDtype {
  std::string_view name;
  unsigned bits;
};

/// The element types of the format. A writer puts tensors of a later type before those of an
/// earlier one.
inline constexpr std::array<SafetensorsDtype, 22> safetensors_dtypes{{
    {"BOOL", 8},        {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"U8", 8},
    {"I8", 8},          {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8},
    {"F8_E5M2FNUZ", 8}, {"I16", 16},    {"U16", 16},    {"F16", 16},    {"BF16", 16},
    {"I32", 32},        {"U32", 32},    {"F32", 32},    {"C64", 64},    {"F64", 64},
    {"I64", 64},        {"U64", 64},
}};

/// Position in safetensors_dtypes, or nothing for a name that is not there.
inline std::optional<std::size_t> find_dtype(std::string_view name) {
  const auto found = std::ranges::find(safetensors_dtypes, name, &SafetensorsDtype::name);
  if (found == safetensors_dtypes.end()) return {};
  return static_cast<std::size_t>(found - safetensors_dtypes.begin());
}

/// Bytes of a tensor, or nothing where that overflows or is no whole number of bytes.
inline std::optional<std::uint64_t> byte_size(const SafetensorsDtype& dtype,
                                              const std::vector<std::size_t>& shape) {
  std::uint64_t bits = dtype.bits;
  for (const std::uint64_t extent : shape) {
    if (extent != 0 && bits > (std::numeric_limits<std::uint64_t>::max)() / extent) return {};
    bits *= extent;
  }
  if (bits % 8 != 0) return {};
  return bits / 8;
}

/// What a header says about one tensor.
struct TensorInfo {
  std::string dtype;
  std::vector<std::size_t> shape;
  std::uint64_t begin = 0;  ///< in bytes from the start of the data
  std::uint64_t end = 0;
};

struct SafetensorsHeader {
  std::map<std::string, TensorInfo, std::less<>> tensors;
  SafetensorsMetadata metadata;
};

/// Builds a SafetensorsHeader from the events of nlohmann-json's SAX parser, which (unlike its
/// document) shows duplicate keys, and does not recurse. The member functions are the parser's
/// interface.
class SafetensorsHeaderReader {
 public:
  explicit SafetensorsHeaderReader(std::string_view file) : file_{file} {}

  SafetensorsHeader take() { return std::move(header_); }

  bool start_object(std::size_t) {
    if (level_ == Level::outside) {
      level_ = Level::top;
    } else if (level_ == Level::top) {
      level_ = name_ == safetensors_metadata_key ? Level::metadata : Level::tensor;
      keys_.clear();
      info_ = {};
    } else {
      fail("an object");
    }
    return true;
  }

  bool key(std::string& key) {
    const bool first_time =
        level_ == Level::top ? names_.insert(key).second : keys_.insert(key).second;
    if (!first_time) fail("the key " + in_quotes(key) + " a second time");
    if (level_ == Level::tensor && key != "dtype" && key != "shape" && key != "data_offsets") {
      fail("the key " + in_quotes(key));
    }
    (level_ == Level::top ? name_ : key_) = key;
    return true;
  }

  bool end_object() {
    if (level_ == Level::tensor) {
      if (keys_.size() != 3) fail("a tensor without dtype, shape or data_offsets");
      header_.tensors.emplace(name_, std::move(info_));
    }
    level_ = level_ == Level::top ? Level::outside : Level::top;
    return true;
  }

  bool start_array(std::size_t) {
    if (level_ != Level::tensor || key_ == "dtype") fail("an array");
    level_ = Level::numbers;
    numbers_.clear();
    return true;
  }

  bool number_unsigned(std::uint64_t number) {
    if (level_ != Level::numbers) fail("a number");
    if (numbers_.size() == safetensors_rank_limit) fail("an array of more than 32 numbers");
    if (number > (std::numeric_limits<std::size_t>::max)())
      fail("a number too large for this machine");
    numbers_.push_back(static_cast<std::size_t>(number));
    return true;
  }

  bool end_array() {
    level_ = Level::tensor;
    if (key_ == "shape") {
      info_.shape = numbers_;
    } else {
      if (numbers_.size() != 2) fail("data_offsets that are not two numbers");
      info_.begin = numbers_[0];
      info_.end = numbers_[1];
    }
    return true;
  }

  bool string(std::string& text) {
    if (level_ == Level::metadata) {
      header_.metadata.emplace(key_, text);
    } else if (level_ == Level::tensor && key_ == "dtype") {
      info_.dtype = text;
    } else {
      fail("the text " + in_quotes(text));
    }
    return true;
  }

  bool number_integer(std::int64_t) { fail("a negative number"); }
  bool number_float(double, const std::string&) { fail("a fractional or too large number"); }
  bool boolean(bool) { fail("true or false"); }
  bool null() { fail("null"); }
  bool binary(nlohmann::json::binary_t&) { fail("binary data"); }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) {
    fail("invalid JSON at byte " + std::to_string(position) + " of it");
  }

 private:
  enum class Level { outside, top, metadata, tensor, numbers };

  [[noreturn]] void fail(const std::string& got) const {
    const bool inside = level_ != Level::outside && !name_.empty();
    throw file_error(file_, "a header as the safetensors format has it",
                     got + (inside ? " in or behind the entry " + in_quotes(name_) : ""),
                     safetensors_remedy);
  }

  std::string_view file_;
  SafetensorsHeader header_;
  Level level_ = Level::outside;
  std::set<std::string, std::less<>> names_;  // keys of the top level so far
  std::set<std::string, std::less<>> keys_;   // keys of the entry so far
  std::string name_;                          // the entry
  std::string key_;                           // its last key
  TensorInfo info_;
  std::vector<std::size_t> numbers_;
};

/// The tensors must fill the data: each has its size, no holes, no overlaps, nothing left over.
inline void check_layout(const SafetensorsHeader& header, std::uint64_t data_size,
                         std::string_view file) {
  std::vector<const std::pair<const std::string, TensorInfo>*> in_order;
  for (const auto& entry : header.tensors) {
    const auto& [name, info] = entry;
    const auto dtype = find_dtype(info.dtype);
    if (!dtype) {
      throw file_error(file, "an element type of the safetensors format for " + in_quotes(name),
                       in_quotes(info.dtype), safetensors_remedy);
    }
    const auto size = byte_size(safetensors_dtypes[*dtype], info.shape);
    if (!size || info.end < info.begin || info.end - info.begin != *size) {
      throw file_error(file,
                       "data_offsets of " + in_quotes(name) + " that fit its type and shape" +
                           (size ? " (" + std::to_string(*size) + " bytes)" : ""),
                       "from " + std::to_string(info.begin) + " to " + std::to_string(info.end),
                       safetensors_remedy);
    }
    in_order.push_back(&entry);
  }
  std::ranges::sort(in_order, {}, [](const auto* entry) {
    return std::pair{entry->second.begin, entry->second.end};
  });
  std::uint64_t end = 0;
  for (const auto* entry : in_order) {
    if (entry->second.begin != end) {
      throw file_error(file,
                       "the tensor " + in_quotes(entry->first) + " to begin at byte " +
                           std::to_string(end) + " of the data, where the one before it ends",
                       std::to_string(entry->second.begin), safetensors_remedy);
    }
    end = entry->second.end;
  }
  if (end != data_size) {
    throw file_error(
        file, std::to_string(end) + " bytes of data behind the header", std::to_string(data_size),
        end > data_size ? "the file is truncated, fetch or save it again" : safetensors_remedy);
  }
}

/// Parses and checks the JSON of a header in front of data_size bytes of data.
inline SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t data_size,
                                                  std::string_view file) {
  if (!json.starts_with('{')) {
    throw file_error(file, "a header that begins with '{'",
                     json.empty() ? "an empty one" : in_quotes(json.substr(0, 1)),
                     safetensors_remedy);
  }
  // The parser would take a zero byte for the end of the text and not look behind it.
  if (json.find('\0') != std::string_view::npos) {
    throw file_error(file, "a header of text", "a zero byte in it", safetensors_remedy);
  }
  SafetensorsHeaderReader reader{file};
  nlohmann::json::sax_parse(json.begin(), json.end(), &reader);
  SafetensorsHeader header = reader.take();
  check_layout(header, data_size, file);
  return header;
}

}  // namespace lamina::inline LAMINA_ISA::impl
