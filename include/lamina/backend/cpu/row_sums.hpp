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

/// Adds the rows `first` up to `last` for `Vectors` vectors of channels from `at` on, side by side: one
/// alone would wait for each addition.
template <std::size_t Vectors, class Term, class Access>
void add_run_of_rows(std::size_t first, std::size_t last, std::size_t at, std::size_t channels,
                     const Term& term, Access access, double* sums) {
  constexpr auto step = static_cast<std::size_t>(lanes);
  std::array<VecPair, Vectors> sum;
  sum.fill({Vec(0.0F), Vec(0.0F)});
  for (std::size_t row = first; row < last; ++row) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < Vectors; ++v) {
      const VecPair more = term(at + v * step, access, row);
      sum[v] = {sum[v].first + more.first, sum[v].second + more.second};
    }
  }
  for (std::size_t v = 0; v < Vectors; ++v, at += step) {
    const std::size_t width = (std::min)(channels - at, step);
    add_lanes(sum[v].first, width, sums + at);
    add_lanes(sum[v].second, width, sums + channels + at);
  }
}

/// sums[c] += the first, sums[channels + c] += the second of term(c, access, row) for the rows
/// `begin` up to `end`.
template <class Term>
void add_row_sums(std::size_t begin, std::size_t end, std::size_t channels, const Term& term,
                  double* sums) {
  constexpr std::size_t run = 64;
  constexpr std::size_t together = 4;
  constexpr std::size_t step = together * static_cast<std::size_t>(lanes);
  for (std::size_t first = begin; first < end; first += run) {
    const std::size_t last = (std::min)(end, first + run);
    std::size_t at = 0;
    for (; at + step <= channels; at += step)
      add_run_of_rows<together>(first, last, at, channels, term, WholeVector{}, sums);
    for (; at + step / 2 <= channels; at += step / 2)
      add_run_of_rows<together / 2>(first, last, at, channels, term, WholeVector{}, sums);
    for_vectors(at, channels, [&](std::size_t i, auto access) {
      add_run_of_rows<1>(first, last, i, channels, term, access, sums);
    });
  }
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
