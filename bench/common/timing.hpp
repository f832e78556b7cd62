// SPDX-License-Identifier: MIT
#pragma once
// How all programs here take the time.

#include <algorithm>
#include <chrono>
#include <limits>

#include <benchmark/benchmark.h>

namespace bench {

inline double seconds_of(auto&& body) {
  const auto before = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
}

/// Seconds of the fastest of some runs.
inline double best_of(int runs, auto&& body) {
  double best = std::numeric_limits<double>::infinity();
  for (int run = 0; run < runs; ++run)
    best = (std::min)(best, seconds_of(body));
  return best;
}

/// Times body() as often as `state` asks, by the clock on the wall, and calls between() after each run, which
/// is not timed. Returns the seconds of the fastest run.
inline double time_fastest(benchmark::State& state, auto&& body, auto&& between) {
  body();
  double best = std::numeric_limits<double>::infinity();
  for (auto _ : state) {
    const double seconds = seconds_of(body);
    state.SetIterationTime(seconds);
    best = (std::min)(best, seconds);
    between();
  }
  state.counters["best_s"] = best;
  return best;
}

inline double time_fastest(benchmark::State& state, auto&& body) {
  return time_fastest(state, body, [] {});
}

}  // namespace bench
