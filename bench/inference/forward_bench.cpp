// SPDX-License-Identifier: MIT
// Inference, the forward pass in evaluation, of the networks of the practical, batch normalisation folded. Each is
// compared with the reference in double precision, which folds nothing, on two images before it is timed. Nominal
// FLOPs are those of convolutions and linear layers.
//
// One image at a time waits for the weights: how fast they are read, as if each were read once, stands
// beside a plain read of as many bytes from memory of the same state of the caches.

#include <cstddef>

#include <benchmark/benchmark.h>

#include "lamina/lamina.hpp"

#include "common/beside_bandwidth.hpp"
#include "common/beside_peak.hpp"
#include "common/flops.hpp"
#include "common/networks/autoencoders.hpp"
#include "common/networks/dcgan.hpp"
#include "common/random_images.hpp"
#include "common/reference_network.hpp"
#include "common/rows.hpp"
#include "support/model_values.hpp"
#include "support/with_threads.hpp"

namespace {

using namespace lamina;

/// A model in evaluation whose running statistics are not those of the start.
template <class M>
M used_model() {
  M model{Seed{1}};
  model.forward(bench::random_images<typename M::input_shape>(4));
  model.eval();
  return model;
}

template <class M>
bool is_right() {
  using In = typename M::input_shape;
  constexpr int images = 2;
  M model = used_model<M>();
  auto network = bench::reference_network<typename M::network, In>();
  support::copy_state(model, network);
  const auto input = bench::random_images<In>(images);
  const auto expected = network.forward(support::values_of(input), images, false);
  auto folded = fold_batch_norm(model);
  return bench::is_near(support::values_of(folded.forward(input)), expected);
}

/// Bytes a second of weights, and of a plain read of as many.
template <class M>
void report_weights(benchmark::State& state, double seconds) {
  const std::size_t bytes = M::memory_plan(1).parameters;
  const Memory<Cpu> like_weights(bytes / sizeof(float));
  state.counters["weights_GB/s"] = static_cast<double>(bytes) / seconds * 1e-9;
  state.counters["plain_GB/s"] =
      bench::plain_read_rate(like_weights.size(), like_weights.data()) * 1e-9;
}

template <class Net, class In>
void time(benchmark::State& state) {
  using M = Model<Net, In>;
  static const bool right = is_right<M>();
  if (!bench::may_be_timed(state, right)) return;
  const support::WithThreads with(static_cast<int>(state.range(0)));
  const auto batch = static_cast<std::size_t>(state.range(1));
  M model = used_model<M>();
  auto folded = fold_batch_norm(model);
  const auto images = bench::random_images<In>(batch);
  const double flops = bench::Flops<Net, In>::forward * static_cast<double>(batch);
  const double best = bench::run_beside_peak(state, flops, [&] {
    auto output = folded.forward(images);
    benchmark::DoNotOptimize(output);
  });
  state.counters["images/s"] = static_cast<double>(batch) / best;
  if (batch == 1) report_weights<decltype(folded)>(state, best);
}

void all(benchmark::internal::Benchmark* row) {
  row->ArgNames({"threads", "batch"})
      ->ArgsProduct({{1, 2}, {1, 16, 128}})
      ->UseManualTime()
      ->Unit(benchmark::kMicrosecond);
}

using examples::Convolutional, examples::Dcgan28, examples::FullyConnected, examples::GreyDcgan64,
    examples::Image, examples::Latent, examples::Variational;

BENCHMARK(time<FullyConnected::Net, Image>)->Name("fc-AE")->Apply(all);
BENCHMARK(time<Convolutional::Net, Image>)->Name("cnn-AE")->Apply(all);
BENCHMARK(time<Variational::Decoder, Latent>)->Name("VAE's decoder")->Apply(all);
BENCHMARK(time<Dcgan28::Generator, Dcgan28::Latent>)->Name("DCGAN-28's generator")->Apply(all);
BENCHMARK(time<Dcgan28::Discriminator, Dcgan28::Image>)
    ->Name("DCGAN-28's discriminator")
    ->Apply(all);
BENCHMARK(time<GreyDcgan64::Generator, GreyDcgan64::Latent>)
    ->Name("DCGAN-64's generator")
    ->Apply(all);
BENCHMARK(time<GreyDcgan64::Discriminator, GreyDcgan64::Image>)
    ->Name("DCGAN-64's discriminator")
    ->Apply(all);

}  // namespace
