// SPDX-License-Identifier: MIT
#pragma once
// Reads the fixtures that PyTorch made (tests/fixtures): every tensor of a safetensors file as
// doubles, and the summaries that stand for large tensors. The build defines LAMINA_TEST_FIXTURES.

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/compare.hpp"

namespace support {

/// A large tensor in brief, see tests/fixtures/README.md.
struct Summary {
  std::string name;
  std::vector<std::size_t> shape;
  std::size_t stride = 1;
  std::vector<double> sample;       ///< elements 0, stride, 2 stride, ... of the flat tensor
  double norm = 0.0;                ///< Euclidean
  std::vector<double> projections;  ///< on the eight vectors of projection_sign
  double scale = 0.0;               ///< what errors are relative to; mostly max |x|
  double float32_error = 0.0;       ///< how far PyTorch's own float32 is from these values
};

class Fixture {
 public:
  /// `file` is a name in tests/fixtures.
  explicit Fixture(const std::string& file) {
    const auto path = std::filesystem::path(LAMINA_TEST_FIXTURES) / file;
    std::ifstream stream(path, std::ios::binary);
    if (!stream) throw std::runtime_error("cannot read the fixture " + path.string());
    const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    std::uint64_t header_size = 0;
    std::memcpy(&header_size, bytes.substr(0, 8).data(), 8);
    header_ = nlohmann::json::parse(bytes.substr(8, header_size));
    data_ = bytes.substr(8 + header_size);
  }

  bool contains(const std::string& key) const { return header_.contains(key); }

  std::vector<std::size_t> shape(const std::string& key) const {
    return entry(key).at("shape").get<std::vector<std::size_t>>();
  }

  /// Exact for every type in the files: BF16, F32, F64, I32 and small I64.
  std::vector<double> values(const std::string& key) const {
    const auto& e = entry(key);
    const auto type = e.at("dtype").get<std::string>();
    const auto begin = e.at("data_offsets").at(0).get<std::size_t>();
    const auto size = e.at("data_offsets").at(1).get<std::size_t>() - begin;
    const std::string bytes = data_.substr(begin, size);
    if (type == "F64") return convert<double>(bytes, [](double x) { return x; });
    if (type == "F32") return convert<float>(bytes, [](float x) { return double{x}; });
    if (type == "I32")
      return convert<std::int32_t>(bytes, [](std::int32_t x) { return static_cast<double>(x); });
    if (type == "I64") {
      return convert<std::int64_t>(bytes, [](std::int64_t x) { return static_cast<double>(x); });
    }
    if (type == "BF16") {
      return convert<std::uint16_t>(bytes, [](std::uint16_t x) {
        return double{std::bit_cast<float>(std::uint32_t{x} << 16)};
      });
    }
    throw std::runtime_error("the fixture's tensor " + key + " has the unknown type " + type);
  }

  /// The one value of a tensor that has one.
  double value(const std::string& key) const { return values(key).at(0); }

  Summary summary(const std::string& name) const {
    std::vector<std::size_t> dims;
    for (const double d : values(name + ".shape"))
      dims.push_back(static_cast<std::size_t>(d));
    return {name,
            std::move(dims),
            static_cast<std::size_t>(value(name + ".stride")),
            values(name + ".sample"),
            value(name + ".norm"),
            values(name + ".projections"),
            value(name + ".scale"),
            max_abs(values(name + ".float32_error"))};
  }

 private:
  const nlohmann::json& entry(const std::string& key) const {
    if (!contains(key)) throw std::runtime_error("the fixture has no tensor " + key);
    return header_.at(key);
  }

  template <class T, class F>
  static std::vector<double> convert(const std::string& bytes, F to_double) {
    std::vector<double> result(bytes.size() / sizeof(T));
    for (std::size_t i = 0; i < result.size(); ++i) {
      T value;
      std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
      result[i] = to_double(value);
    }
    return result;
  }

  nlohmann::json header_;
  std::string data_;
};

/// +1 or -1: bit k (0 to 7) of splitmix64's mix of the flat index.
inline double projection_sign(std::uint64_t index, unsigned k) {
  std::uint64_t z = index + 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return (z >> k & 1u) != 0 ? -1.0 : 1.0;
}

/// Does `got`, in PyTorch's order, agree with the tensor behind the summary? The sampled elements
/// by the summary's scale; the norm and the projections, which every element takes part in, by the
/// norm (or by scale * sqrt(size) where the exact tensor is zero up to rounding).
template <Numbers R>
::testing::AssertionResult matches(const Summary& expected, const R& got, double tolerance) {
  std::size_t size = 1;
  for (const std::size_t d : expected.shape)
    size *= d;
  if (static_cast<std::size_t>(std::ranges::size(got)) != size) {
    return ::testing::AssertionFailure()
           << expected.name << " has " << std::ranges::size(got) << " values, expected " << size;
  }
  std::vector<double> projections(8);
  double squares = 0.0;
  std::vector<double> sample;
  std::size_t index = 0;
  for (const auto element : got) {
    const double x = static_cast<double>(element);
    if (index % expected.stride == 0) sample.push_back(x);
    squares += x * x;
    for (unsigned k = 0; k < 8; ++k)
      projections[k] += projection_sign(index, k) * x;
    ++index;
  }
  auto sampled =
      near_scaled(expected.name + ", every " + std::to_string(expected.stride) + "th element,",
                  sample, expected.sample, tolerance, expected.scale);
  if (!sampled) return sampled;
  const bool vanishes = expected.norm < 1e-9 * expected.scale;
  const double whole =
      vanishes ? expected.scale * std::sqrt(static_cast<double>(size)) : expected.norm;
  auto norm = near_scaled(expected.name + " Euclidean norm", std::array{std::sqrt(squares)},
                          std::array{expected.norm}, tolerance, whole);
  if (!norm) return norm;
  return near_scaled(expected.name + " projection", projections, expected.projections, tolerance,
                     whole);
}

}  // namespace support
