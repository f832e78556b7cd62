// SPDX-License-Identifier: MIT
// Whole training steps of the networks of the practical, batch 128: forward, loss, backward, optimiser;
// of a GAN both sides. Nominal FLOPs are those of convolutions and linear layers.

#include <cstddef>
#include <cstdint>

#include <benchmark/benchmark.h>

#include "lamina/generative/gan.hpp"
#include "lamina/generative/vae.hpp"
#include "lamina/lamina.hpp"

#include "common/beside_peak.hpp"
#include "common/networks/autoencoders.hpp"
#include "common/networks/dcgan.hpp"
#include "support/with_threads.hpp"

namespace {

using namespace lamina;

constexpr std::size_t batch = 128;

/// FLOPs of one image through a network: once forward, and through what backward computes.
template <class Net, class In>
struct Flops {
  static constexpr double forward = [] {
    double sum = 0.0;
    for (const LayerRow& row : layer_table<Net, In>)
      sum += 2.0 * static_cast<double>(row.multiply_adds);
    return sum;
  }();
  static constexpr double weights = forward;
  static constexpr double input = forward;
  /// The gradient of the input down to, but not of, the first layer.
  static constexpr double inner_input = [] {
    for (const LayerRow& row : layer_table<Net, In>)
      if (row.multiply_adds > 0) return forward - 2.0 * static_cast<double>(row.multiply_adds);
    return 0.0;
  }();
  static constexpr double step = forward + weights + inner_input;
};

template <class Image>
Tensor<Image> random_images() {
  Tensor<Image> images(batch);
  Cpu::normal(images.span().size(), Philox(Seed{1}, Stream::latent), 0, images.data());
  for (float& pixel : images.span())
    pixel = 1.0F / (1.0F + pixel * pixel);
  return images;
}

void report(benchmark::State& state, double flops_per_image, auto&& step) {
  bench::run_beside_peak(state, flops_per_image * batch, step);
  state.counters["images/s"] =
      benchmark::Counter(batch, benchmark::Counter::kIsIterationInvariantRate);
}

template <class Kind>
void autoencoder(benchmark::State& state) {
  using examples::Image;
  const support::WithThreads with(static_cast<int>(state.range(0)));
  examples::ModelOf<Kind> model{Seed{1}};
  Adam adam{model.parameters()};
  const auto images = random_images<Image>();
  report(state, Flops<typename Kind::Net, Image>::step, [&] {
    const auto output = model.forward(images);
    const auto [loss, gradient] = mse_loss(output, images);
    model.zero_grad();
    model.backward(gradient);
    adam.step();
    benchmark::DoNotOptimize(loss);
  });
}

void vae(benchmark::State& state) {
  using examples::Image, examples::Latent, examples::Variational;
  const support::WithThreads with(static_cast<int>(state.range(0)));
  examples::VaeModel model{Seed{1}};
  Adam encoder{model.encoder().parameters()};
  Adam decoder{model.decoder().parameters()};
  const auto images = random_images<Image>();
  using Decoder = Flops<Variational::Decoder, Latent>;
  std::uint64_t number = 0;
  report(state,
         Flops<Variational::Encoder, Image>::step + Decoder::forward + Decoder::weights +
             Decoder::input,
         [&] {
           auto losses = model.forward(images, number++);
           model.zero_grad();
           model.backward();
           encoder.step();
           decoder.step();
           benchmark::DoNotOptimize(losses);
         });
}

template <class Kind>
void dcgan(benchmark::State& state) {
  using Image = typename Kind::Image;
  using Latent = typename Kind::Latent;
  const support::WithThreads with(static_cast<int>(state.range(0)));
  Gan<typename Kind::Generator, typename Kind::Discriminator, Latent, Image> gan{Seed{1}};
  const auto images = random_images<Image>();
  using D = Flops<typename Kind::Discriminator, Image>;
  using G = Flops<typename Kind::Generator, Latent>;
  std::uint64_t number = 0;
  report(state, 2.0 * D::step + D::forward + D::input + G::step, [&] {
    auto figures = gan.step(images, number++);
    benchmark::DoNotOptimize(figures);
  });
}

void all(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("threads")->Arg(1)->Arg(2)->UseManualTime()->Unit(benchmark::kMillisecond);
}

BENCHMARK(autoencoder<examples::FullyConnected>)->Name("fc-AE")->Apply(all);
BENCHMARK(autoencoder<examples::Convolutional>)->Name("cnn-AE")->Apply(all);
BENCHMARK(vae)->Name("VAE")->Apply(all);
BENCHMARK(dcgan<examples::Dcgan28>)->Name("DCGAN-28")->Apply(all);
BENCHMARK(dcgan<examples::GreyDcgan64>)->Name("DCGAN-64")->Apply(all);

}  // namespace
