// SPDX-License-Identifier: MIT
#pragma once
// Indices inside of kernels: 32 bits, as a device divides those far quicker.

#include <cstddef>
#include <cstdint>
#include <limits>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace device_kernels {

using Index = std::uint32_t;

/// errors run: a number that has more than 32 bits
inline Index index(std::size_t number) {
  require(number <= (std::numeric_limits<Index>::max)(),
          "a device works on arrays of up to 2^32 - 1 values, "
          "got ",
          number, "; use a smaller batch");
  return static_cast<Index>(number);
}

}  // namespace device_kernels
}  // namespace lamina::inline LAMINA_ISA
