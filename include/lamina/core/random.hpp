// SPDX-License-Identifier: MIT
#pragma once
// Counter-based random numbers (Philox4x32-10): a draw depends on the seed, on what it is for and on
// its index, never on who asks first, so that any number of threads sees the same numbers.

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

// clang-format off: Random123 must find the intrinsics included already, and not include all there are
#include "lamina/core/intrinsics.hpp"

#ifndef R123_USE_X86INTRIN_H
#define R123_USE_X86INTRIN_H 0
#endif
#include <Random123/philox.h>
// clang-format on

#include "lamina/core/host_device.hpp"
#include "lamina/core/isa.hpp"

namespace lamina {

/// The seed of everything random in a run.
struct Seed {
  std::uint64_t value = 0;
};

/// What a draw is for; draws for different purposes are independent.
enum class Stream : std::uint32_t { initialisation = 1, dropout, shuffle, latent, noise };

}  // namespace lamina

namespace lamina::inline LAMINA_ISA {

/// Four 32-bit words for each (pass, index).
/// ref  Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"
class Philox {
 public:
  /// `what` tells apart draws of one purpose: the number of the layer, say. Below 2^24.
  Philox(Seed seed, Stream stream, std::uint32_t what = 0)
      : key_{{static_cast<std::uint32_t>(seed.value),
              static_cast<std::uint32_t>(seed.value >> 32)}},
        purpose_(static_cast<std::uint32_t>(stream) << 24 | (what & 0xffffffU)) {}

  LAMINA_HOST_DEVICE std::array<std::uint32_t, 4> operator()(std::uint64_t pass,
                                                             std::uint64_t index) const {
    const auto word = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
    const r123::Philox4x32::ctr_type counter{
        {word(index), word(index >> 32), word(pass), purpose_}};
    const auto out = r123::Philox4x32{}(counter, key_);
    return {out[0], out[1], out[2], out[3]};
  }

  /// Value number `index` of a pass, one word of a block of four.
  LAMINA_HOST_DEVICE std::uint32_t word(std::uint64_t pass, std::uint64_t index) const {
    return (*this)(pass, index / 4)[index % 4];
  }

 private:
  r123::Philox4x32::key_type key_;
  std::uint32_t purpose_;
};

/// A word as a float in [0, 1): 24 bits, every value exact.
LAMINA_HOST_DEVICE inline float uniform(std::uint32_t word) {
  return static_cast<float>(word >> 8) * 0x1p-24F;
}

/// Two words as two independent standard normal values (Box & Muller 1958).
LAMINA_HOST_DEVICE inline std::array<float, 2> normal_pair(std::uint32_t first,
                                                           std::uint32_t second) {
  const double radius = std::sqrt(-2.0 * std::log((static_cast<double>(first) + 0.5) * 0x1p-32));
  const double angle = 6.283185307179586 * (static_cast<double>(second) + 0.5) * 0x1p-32;
  return {static_cast<float>(radius * std::cos(angle)),
          static_cast<float>(radius * std::sin(angle))};
}

/// Standard normal value number `index` of a pass.
inline float normal(const Philox& philox, std::uint64_t pass, std::uint64_t index) {
  const auto words = philox(pass, index / 4);
  const std::size_t first = index % 4 < 2 ? 0 : 2;
  return normal_pair(words[first], words[first + 1])[index % 2];
}

}  // namespace lamina::inline LAMINA_ISA
