// SPDX-License-Identifier: MIT
#pragma once
// Timings as shares of what the processor can do at that moment: the peak of its fused multiply-add units
// is measured next to each, with the same threads.

#include <array>
#include <cstddef>

#include <benchmark/benchmark.h>

#include "lamina/backend/cpu/simd.hpp"
#include "lamina/core/threads.hpp"

#include "common/timing.hpp"

namespace bench {

/// FLOP/s of multiply-adds on registers, the best of several runs on all threads in use.
inline double fma_peak() {
  constexpr std::size_t chains = 12;  // more than latency times units
  constexpr int rounds = 200'000;
  constexpr int runs = 8;
  const int threads = lamina::num_threads();
  const double best = best_of(runs, [&] {
#pragma omp parallel num_threads(threads)
    {
      std::array<lamina::Vec, chains> sums;
      for (lamina::Vec& sum : sums) {  // chains with the same beginning would be one to g++
        sum = lamina::Vec(0.0F);
        benchmark::DoNotOptimize(sum);
      }
      lamina::Vec factor(0.5F);
      lamina::Vec term(1.0F);
      benchmark::DoNotOptimize(factor);
      benchmark::DoNotOptimize(term);
      for (int round = 0; round < rounds; ++round)
#pragma GCC unroll 16
        for (std::size_t i = 0; i < chains; ++i)
          sums[i] = lamina::fmadd(sums[i], factor, term);
      benchmark::DoNotOptimize(sums);
    }
  });
  return 2.0 * lamina::lanes * chains * rounds * threads / best;
}

/// Times body() as often as `state` asks. `flops` are the multiplications and additions that it stands for,
/// those on padding included; its fastest run is returned in seconds and reported as GFLOP/s and in percent
/// of the peak.
inline double run_beside_peak(benchmark::State& state, double flops, auto&& body) {
  const double peak = fma_peak();
  const double best = time_fastest(state, body);
  state.counters["GFLOP/s"] = flops / best * 1e-9;
  state.counters["%peak"] = 100.0 * flops / best / peak;
  state.counters["peak"] = peak * 1e-9;
  return best;
}

}  // namespace bench
