// SPDX-License-Identifier: MIT
// Whole training steps of the networks of the practical, batch 128. Nominal FLOPs are those of convolutions
// and linear layers.

#include <cstddef>

#include <benchmark/benchmark.h>

#include "lamina/lamina.hpp"

#include "common/beside_peak.hpp"
#include "common/random_images.hpp"
#include "common/rows.hpp"
#include "common/training_steps.hpp"
#include "support/with_threads.hpp"

namespace {

constexpr std::size_t batch = 128;

template <class Step>
void time(benchmark::State& state) {
  const support::WithThreads with(static_cast<int>(state.range(0)));
  const auto images = bench::random_images<typename Step::Image>(batch);
  Step step;
  bench::run_beside_peak(state, Step::flops_per_image * batch, [&] {
    double loss = step(images);
    benchmark::DoNotOptimize(loss);
  });
  state.counters["images/s"] =
      benchmark::Counter(batch, benchmark::Counter::kIsIterationInvariantRate);
}

[[maybe_unused]] const bool registered = [] {
  bench::for_each_training_step<lamina::Cpu>([]<class Step>(const char* name) {
    benchmark::RegisterBenchmark(name, time<Step>)
        ->Apply(bench::on_one_and_two_threads)
        ->Unit(benchmark::kMillisecond);
  });
  return true;
}();

}  // namespace
