// SPDX-License-Identifier: MIT
// Whole training steps of the networks of the practical, batch 128. Nominal FLOPs are those of convolutions
// and linear layers.

#include <benchmark/benchmark.h>

#include "common/beside_peak.hpp"
#include "common/random_images.hpp"
#include "common/rows.hpp"
#include "common/training_steps.hpp"
#include "support/with_threads.hpp"

namespace {

using bench::batch;

template <class Step>
void time(benchmark::State& state) {
  const support::WithThreads with(static_cast<int>(state.range(0)));
  const auto images = bench::random_images<typename Step::Image>(batch);
  Step step(images);
  bench::run_beside_peak(state, Step::flops_per_image * batch, step);
  state.counters["images/s"] =
      benchmark::Counter(batch, benchmark::Counter::kIsIterationInvariantRate);
}

void all(benchmark::internal::Benchmark* benchmark) {
  bench::on_one_and_two_threads(benchmark);
  benchmark->Unit(benchmark::kMillisecond);
}

BENCHMARK(time<bench::AutoencoderStep<examples::FullyConnected>>)->Name("fc-AE")->Apply(all);
BENCHMARK(time<bench::AutoencoderStep<examples::Convolutional>>)->Name("cnn-AE")->Apply(all);
BENCHMARK(time<bench::VaeStep>)->Name("VAE")->Apply(all);
BENCHMARK(time<bench::DcganStep<examples::Dcgan28>>)->Name("DCGAN-28")->Apply(all);
BENCHMARK(time<bench::DcganStep<examples::GreyDcgan64>>)->Name("DCGAN-64")->Apply(all);

}  // namespace
