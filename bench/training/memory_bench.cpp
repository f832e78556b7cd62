// SPDX-License-Identifier: MIT
// Memory that training takes, batch 128: what memory_plan says of the models and Adam's two moments of each
// parameter, beside how far the peak of the resident memory grows while models and optimisers are made and
// two steps run, on one thread, in a process of its own. Images are there before. The time means nothing.

#include <cstddef>
#include <optional>

#include <benchmark/benchmark.h>

#include "lamina/lamina.hpp"

#include "common/own_process.hpp"
#include "common/random_images.hpp"
#include "common/training_steps.hpp"
#include "support/with_threads.hpp"

namespace {

constexpr std::size_t batch = 128;

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
void measure(benchmark::State& state) {
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

[[maybe_unused]] const bool registered = [] {
  bench::for_each_training_step<lamina::Cpu>([]<class Step>(const char* name) {
    benchmark::RegisterBenchmark(name, measure<Step>)->Iterations(1)->Unit(benchmark::kMillisecond);
  });
  return true;
}();

}  // namespace
