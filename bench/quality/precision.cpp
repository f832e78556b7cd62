// SPDX-License-Identifier: MIT
// What bfloat16 does to results: networks of the practical trained with either precision from several seeds, and
// the means and spreads of what they reach. Not part of a build of everything; see docs/performance.md.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "lamina/data/batches.hpp"
#include "lamina/data/fashion_mnist.hpp"
#include "lamina/generative/gan.hpp"
#include "lamina/generative/vae.hpp"
#include "lamina/lamina.hpp"

#include "common/images.hpp"
#include "common/networks/autoencoders.hpp"
#include "common/networks/dcgan.hpp"
#include "common/numbers.hpp"
#include "common/score.hpp"
#include "dcgan/resize.hpp"

namespace {

using namespace lamina;
using examples::EvaluationMode;
using examples::Image;

constexpr std::size_t batch_size = 128;

struct Run {
  const datasets::FashionMnist& data;
  std::uint64_t seed;
  int epochs;
};

/// step(batch, number) for all batches of all epochs.
template <class Step>
void train(const Run& run, PixelRange range, const Step& step) {
  std::uint64_t number = 0;
  for (int epoch = 0; epoch < run.epochs; ++epoch)
    for (const auto& batch :
         batches(run.data.train, batch_size, Shuffle{Seed{run.seed}, epoch}, range))
      step(batch.images, number++);
}

/// The mean of value(images) over the test images.
template <class Value>
double mean_over_test(const Run& run, const Value& value) {
  double sum = 0.0;
  for (const auto& batch : batches(run.data.test, batch_size, InOrder{}))
    sum += value(batch.images) * static_cast<double>(batch.images.size());
  return sum / static_cast<double>(run.data.test.size());
}

/// The mean squared error of test images.
template <class Kind, Precision P>
double autoencoder(const Run& run) {
  Model<typename Kind::Net, Image, Cpu, P> model{Seed{run.seed}};
  Adam adam{model.parameters()};
  train(run, PixelRange::unit, [&](const TensorRef<Image>& images, std::uint64_t) {
    const auto output = model.forward(images);
    const auto [loss, gradient] = mse_loss(output, images);
    model.zero_grad();
    model.backward(gradient);
    adam.step();
  });
  model.eval();
  return mean_over_test(run, [&](const TensorRef<Image>& images) {
    return mse_loss(model.forward(images), images).value;
  });
}

/// The loss of test images, in nats per image.
template <Precision P>
double vae(const Run& run) {
  using Kind = examples::Variational;
  Vae<Kind::Encoder, Kind::Decoder, Image, Cpu, P> vae{Seed{run.seed}};
  Adam encoder{vae.encoder().parameters()};
  Adam decoder{vae.decoder().parameters()};
  train(run, PixelRange::unit, [&](const TensorRef<Image>& images, std::uint64_t number) {
    vae.forward(images, number);
    vae.zero_grad();
    vae.backward();
    encoder.step();
    decoder.step();
  });
  vae.eval();
  return mean_over_test(
      run, [&](const TensorRef<Image>& images) { return vae.forward(images, 0).sum(); });
}

/// The Frechet distance of generated images.
template <Precision P>
double gan(const Run& run) {
  using Kind = examples::Dcgan28Of<64>;
  using Latent = Kind::Latent;
  Gan<Kind::Generator, Kind::Discriminator, Latent, Image, Cpu, P> gan{Seed{run.seed}};
  train(run, PixelRange::symmetric,
        [&](const TensorRef<Image>& images, std::uint64_t number) { gan.step(images, number); });
  examples::Score score(run.data.test);
  const EvaluationMode evaluation(gan.generator());
  examples::AsClassified<Image, Image> as_classified;
  Tensor<Latent> z;
  return score.of([&](std::size_t first, std::size_t count) {
    z.resize(count);
    Cpu::normal(z.span().size(), Philox(Seed{run.seed}, Stream::latent, 1), first, z.data());
    return as_classified(gan.generate(z));
  });
}

struct Trial {
  std::string name;
  int epochs;
  double (*float32)(const Run&);
  double (*bfloat16)(const Run&);
};

const std::vector<Trial> trials{
    {"fc-AE, test MSE", 5, autoencoder<examples::FullyConnected, Precision::float32>,
     autoencoder<examples::FullyConnected, Precision::bfloat16>},
    {"cnn-AE, test MSE", 1, autoencoder<examples::Convolutional, Precision::float32>,
     autoencoder<examples::Convolutional, Precision::bfloat16>},
    {"VAE, test loss in nats", 1, vae<Precision::float32>, vae<Precision::bfloat16>},
    {"DCGAN-28, Frechet distance", 1, gan<Precision::float32>, gan<Precision::bfloat16>}};

void say(const std::string& name, const char* precision, const std::vector<double>& values) {
  double mean = 0.0, squares = 0.0;
  for (const double value : values)
    mean += value / static_cast<double>(values.size());
  for (const double value : values)
    squares += (value - mean) * (value - mean) / static_cast<double>(values.size() - 1);
  std::cout << "| " << name << " | " << precision << " | " << examples::with_digits(mean, 5)
            << " | " << examples::with_digits(std::sqrt(squares), 5) << " |";
  for (const double value : values)
    std::cout << ' ' << examples::with_digits(value, 5);
  std::cout << " |" << std::endl;
}

/// Those whose names begin with `name`.
int measure(std::uint64_t seeds, const std::string& name) {
  const auto data = datasets::fashion_mnist();
  std::cout << "| what | precision | mean | standard deviation | seeds 1 to " << seeds << " |\n"
            << "|---|---|---|---|---|\n";
  for (const Trial& trial : trials) {
    if (!trial.name.starts_with(name)) continue;
    for (const bool half : {false, true}) {
      std::vector<double> values;
      for (std::uint64_t seed = 1; seed <= seeds; ++seed)
        values.push_back((half ? trial.bfloat16 : trial.float32)({data, seed, trial.epochs}));
      say(trial.name, half ? "bfloat16" : "float32", values);
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::uint64_t seeds = argc == 2 || argc == 3 ? std::stoull(argv[1]) : 0;
    if (seeds >= 2) return measure(seeds, argc == 3 ? argv[2] : "");
  } catch (const std::logic_error&) {  // no number
  } catch (const std::exception& error) {
    std::cerr << "precision: " << error.what() << '\n';
    return 1;
  }
  std::cerr
      << "usage: precision SEEDS [NAME], with at least 2 seeds; NAME is how a network's begins\n";
  return 2;
}
