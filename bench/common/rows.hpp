// SPDX-License-Identifier: MIT
#pragma once
// What the programs' rows have in common: threads, the comparison that comes first, main.

#include <iterator>

#include <benchmark/benchmark.h>

#include "support/difference.hpp"

namespace bench {

/// Time by the clock, with one and with two threads: state.range(0).
inline void on_one_and_two_threads(benchmark::internal::Benchmark* row) {
  row->ArgName("threads")->Arg(1)->Arg(2)->UseManualTime();
}

/// Whether float32 results are near those in double precision, relative to the largest of them.
inline bool is_near(const support::Numbers auto& got, const support::Numbers auto& expected,
                    double tolerance = 1e-5) {
  return std::size(got) == std::size(expected) &&
         support::relative_difference(got, expected).error <= tolerance;
}

/// Whether a row may be timed; one whose results are wrong says so.
inline bool may_be_timed(benchmark::State& state, bool is_right) {
  if (!is_right) state.SkipWithError("differs from the reference");
  return is_right;
}

/// The main function of a program that registers its rows one by one.
inline int run_rows(int argc, char** argv, void (*add_all)()) {
  add_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace bench
