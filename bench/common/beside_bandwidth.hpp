// SPDX-License-Identifier: MIT
#pragma once
// Timings as shares of what the memory (or the cache that the arrays fit into) gives at that moment: plain
// loops that read and write the same arrays, and do nothing else, are measured next to each.

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

#include <benchmark/benchmark.h>

#include "lamina/backend/cpu/simd.hpp"
#include "lamina/core/threads.hpp"

#include "common/timing.hpp"

namespace bench {

/// Reads arrays of `count` values on all threads in use and copies the first of them to those in `to`, which
/// may be the same. Returns the bytes read and written; what a cache line takes to be fetched before it is
/// written over is not counted. A rest of fewer than four vectors is left out.
template <std::size_t Reads, std::size_t Writes>
double plain_pass(std::size_t count, const std::array<const float*, Reads>& from,
                  const std::array<float*, Writes>& to) {
  static_assert(Writes <= Reads);
  constexpr auto width = static_cast<std::size_t>(lamina::lanes);
  constexpr std::size_t unrolled = 4;  // sums that do not wait for each other
  constexpr std::size_t step = unrolled * width;
  const std::size_t blocks = count / step;
  const int threads = lamina::num_threads();
#pragma omp parallel num_threads(threads)
  {
    std::array<lamina::Vec, unrolled> sums;
    sums.fill(lamina::Vec(0.0F));
#pragma omp for schedule(static)
    for (std::size_t block = 0; block < blocks; ++block) {
#pragma GCC unroll 4
      for (std::size_t u = 0; u < unrolled; ++u) {
        const std::size_t i = block * step + u * width;
#pragma GCC unroll 4
        for (std::size_t array = 0; array < Reads; ++array) {
          const lamina::Vec value = lamina::load_unaligned(from[array] + i);
          if (array < Writes)
            lamina::store_unaligned(to[array] + i, value);
          else
            sums[u] = sums[u] + value;
        }
      }
    }
    benchmark::DoNotOptimize(sums);
  }
  return static_cast<double>((Reads + Writes) * blocks * step * sizeof(float));
}

/// Bytes a second of reading this array, plainly.
inline double plain_read_rate(std::size_t count, const float* values) {
  constexpr int runs = 100;
  double bytes = 0.0;
  const double best = best_of(runs, [&] { bytes = plain_pass<1, 0>(count, {values}, {}); });
  return bytes / best;
}

/// Times body() as often as `state` asks and plain() in turns with it, so that what slows the machine down
/// slows down both. plain() moves what body() has to move at least and returns its bytes; the rates of both
/// and the share that body() reaches are reported, by the fastest run of each.
inline void run_beside_bandwidth(benchmark::State& state, auto&& plain, auto&& body) {
  double bytes = plain();
  double plainly = std::numeric_limits<double>::infinity();
  const double best = time_fastest(
      state, body, [&] { plainly = (std::min)(plainly, seconds_of([&] { bytes = plain(); })); });
  state.counters["GB/s"] = bytes / best * 1e-9;
  state.counters["plain_GB/s"] = bytes / plainly * 1e-9;
  state.counters["%plain"] = 100.0 * plainly / best;
}

}  // namespace bench
