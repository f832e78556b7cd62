// SPDX-License-Identifier: MIT
#pragma once
// bfloat16: the upper half of a float. 8 bits of exponent as a float has them, 7 of fraction.

#include <bit>
#include <cstdint>

#include "lamina/core/host_device.hpp"

namespace lamina {

/// A bfloat16 as it lies in memory.
struct BFloat16 {
  std::uint16_t bits;
};

/// The nearest bfloat16, of two equally near ones the even one. What is below 2^-126 becomes zero, as in
/// processors' instructions for them; NaN stays NaN.
LAMINA_HOST_DEVICE constexpr BFloat16 to_bfloat16(float value) {
  constexpr std::uint32_t sign = 0x80000000U;
  constexpr std::uint32_t infinity = 0x7F800000U;
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = bits + 0x7FFFU + (bits >> 16 & 1U);
  std::uint32_t result = (bits & infinity) == 0 ? bits & sign : rounded;
  result = (bits & ~sign) > infinity ? bits | 0x400000U : result;
  return {static_cast<std::uint16_t>(result >> 16)};
}

LAMINA_HOST_DEVICE constexpr float to_float(BFloat16 value) {
  return std::bit_cast<float>(std::uint32_t{value.bits} << 16);
}

}  // namespace lamina
