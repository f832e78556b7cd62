// SPDX-License-Identifier: MIT
// Whole training steps of the networks of the practical, batch 128. Nominal FLOPs are those of convolutions
// and linear layers.
// memory/...: what memory_plan says of the models and Adam's two moments of each parameter, beside how far the peak
// of the resident memory grows while models and optimisers are made and two steps run, on one thread, in a
// process of its own. Images are there before; the time means nothing.

#include <cstddef>
#include <optional>
#include <string>

#include <benchmark/benchmark.h>

#include "lamina/lamina.hpp"

#include "common/beside_peak.hpp"
#include "common/own_process.hpp"
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

template <class Step>
std::size_t growth() {
  const support::WithThreads with(1);
  const auto images = bench::random_images<typename Step::Image>(batch);
  const std::size_t before = bench::bytes_of_process("VmRSS");
  Step step;
  step(images);
  step(images);
  return bench::bytes_of_process("VmHWM") - before;
}

template <class Step>
void measure_memory(benchmark::State& state) {
  constexpr double mega = 1e6;
  const auto planned = static_cast<double>(Step::planned(batch));
  for (auto _ : state) {
    const std::optional<std::size_t> resident = bench::in_own_process(growth<Step>);
    if (!resident || *resident == 0) {
      state.SkipWithError("cannot tell the resident memory of a process");
      break;
    }
    state.counters["planned_MB"] = planned / mega;
    state.counters["resident_MB"] = static_cast<double>(*resident) / mega;
    state.counters["%planned"] = 100.0 * static_cast<double>(*resident) / planned;
  }
}

template <class Step>
void register_time(const std::string& name) {
  benchmark::RegisterBenchmark(name.c_str(), time<Step>)
      ->Apply(bench::on_one_and_two_threads)
      ->Unit(benchmark::kMillisecond);
}

/// Memory first: a process that has started threads cannot make another one of its kind. bfloat16 only where a
/// processor multiplies it: its emulation is for the same results, not for speed.
[[maybe_unused]] const bool registered = [] {
  constexpr auto float32 = lamina::Precision::float32;
  bench::for_each_training_step<lamina::Cpu, float32>([]<class Step>(const char* name) {
    benchmark::RegisterBenchmark(("memory/" + std::string(name)).c_str(), measure_memory<Step>)
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond);
  });
  bench::for_each_training_step<lamina::Cpu, float32>(
      []<class Step>(const char* name) { register_time<Step>(name); });
#if defined(__AVX512BF16__)
  bench::for_each_training_step<lamina::Cpu, lamina::Precision::bfloat16>(
      []<class Step>(const char* name) { register_time<Step>("bfloat16/" + std::string(name)); });
#endif
  return true;
}();

}  // namespace
