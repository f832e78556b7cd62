// SPDX-License-Identifier: MIT
#pragma once
// Sums over rows of channels, two for each channel at once: what normalisation asks for. Runs of
// rows are added up in float and the runs in double, which is accurate and vectorised.

#include <algorithm>
#include <array>
#include <cstddef>

#include "lamina/backend/cpu/vector_loop.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

struct VecPair {
  Vec first;
  Vec second;
};

inline void add_lanes(const Vec& values, std::size_t width, double* to) {
  alignas(64) std::array<float, static_cast<std::size_t>(lanes)> buffer;
  store(buffer.data(), values);
  for (std::size_t i = 0; i < width; ++i)
    to[i] += static_cast<double>(buffer[i]);
}

/// sums[c] += the first, sums[channels + c] += the second of term(c, access, row) for the rows
/// `begin` up to `end`.
template <class Term>
void add_row_sums(std::size_t begin, std::size_t end, std::size_t channels, const Term& term,
                  double* sums) {
  constexpr std::size_t run = 64;
  for (std::size_t first = begin; first < end; first += run) {
    const std::size_t last = (std::min)(end, first + run);
    for_vectors(0, channels, [&](std::size_t at, auto access) {
      VecPair sum{Vec(0.0F), Vec(0.0F)};
      for (std::size_t row = first; row < last; ++row) {
        const VecPair more = term(at, access, row);
        sum = {sum.first + more.first, sum.second + more.second};
      }
      const std::size_t width = (std::min)(channels - at, static_cast<std::size_t>(lanes));
      add_lanes(sum.first, width, sums + at);
      add_lanes(sum.second, width, sums + channels + at);
    });
  }
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
