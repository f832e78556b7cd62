// SPDX-License-Identifier: MIT
#pragma once
// The networks that the invariants are tried on, a data set of noise, and a training loop that
// returns every bit it made.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "lamina/data/batches.hpp"
#include "lamina/lamina.hpp"

#include "support/with_threads.hpp"

namespace invariants {

using Image = lamina::Shape<1, 16, 16>;
/// Every kind of layer that keeps something from forward to backward; large enough for threads.
using ConvNet = lamina::Sequential<lamina::Conv2d<1, 16, 4, 2, 1>, lamina::BatchNorm2d<16>,
                                   lamina::ReLU, lamina::Dropout<0.25>,
                                   lamina::Conv2d<16, 24, 3, 1, 1>, lamina::LeakyReLU<0.2>,
                                   lamina::ConvTranspose2d<24, 1, 4, 2, 1>, lamina::Sigmoid>;
using FullyConnected =
    lamina::Sequential<lamina::Flatten, lamina::Linear<256, 100>, lamina::ReLU,
                       lamina::Dropout<0.5>, lamina::Linear<100, 37>, lamina::Tanh,
                       lamina::Linear<37, 256>, lamina::Sigmoid, lamina::Unflatten<1, 16, 16>>;

/// Skip connections, and every layer that keeps something for each image.
using Branched = lamina::Sequential<
    lamina::Conv2d<1, 16, 3, 1, 1>,
    lamina::Residual<lamina::GroupNorm<4, 16>, lamina::SiLU, lamina::Conv2d<16, 16, 3, 1, 1>>,
    lamina::Concat<lamina::Identity,
                   lamina::Sequential<lamina::MaxPool2d<2>, lamina::Conv2d<16, 8, 3, 1, 1>,
                                      lamina::Upsample<2>>,
                   lamina::AvgPool2d<3, 1, 1>>,
    lamina::Conv2d<40, 1, 3, 1, 1>, lamina::Sigmoid>;

using Bits = std::vector<std::uint32_t>;

inline void append(Bits& bits, std::span<const float> values) {
  for (const float value : values)
    bits.push_back(std::bit_cast<std::uint32_t>(value));
}

inline Bits bits_of(std::span<const float> values) {
  Bits bits;
  append(bits, values);
  return bits;
}

template <class M>
Bits parameter_bits(M& model) {
  return bits_of(model.parameters().values);
}

template <class M>
Bits gradient_bits(M& model) {
  return bits_of(model.parameters().gradients);
}

/// Tensors and counters of a model or an optimiser.
inline Bits bits_of(const lamina::State<lamina::Cpu>& state) {
  Bits bits;
  std::vector<float> values;
  for (const auto& tensor : state.tensors) {
    values.resize(tensor.size());
    tensor.read(values);
    append(bits, values);
  }
  for (const auto& counter : state.counters)
    bits.push_back(static_cast<std::uint32_t>(*counter.value));
  return bits;
}

/// Bytes of noise as images, with labels below 10.
inline lamina::Dataset<Image> noise(std::size_t images, std::uint64_t seed = 7) {
  const lamina::Philox philox(lamina::Seed{seed}, lamina::Stream::noise);
  lamina::Dataset<Image> data;
  for (std::size_t i = 0; i < images * Image::size; ++i)
    data.pixels.push_back(static_cast<std::uint8_t>(philox.word(0, i)));
  for (std::size_t i = 0; i < images; ++i)
    data.labels.push_back(static_cast<std::uint8_t>(i % 10));
  return data;
}

/// A batch of noise in [0, 1).
inline lamina::Tensor<Image> noise_batch(std::size_t images, std::uint64_t seed = 7) {
  const lamina::Philox philox(lamina::Seed{seed}, lamina::Stream::noise);
  lamina::Tensor<Image> batch(images);
  for (std::size_t i = 0; i < images * Image::size; ++i)
    batch.data()[i] = lamina::uniform(philox.word(0, i));
  return batch;
}

/// One step of an autoencoder; returns the loss.
template <class M, class Optimiser>
double training_step(M& model, Optimiser& optimiser, const lamina::Tensor<Image>& images) {
  const auto& output = model.forward(images);
  const auto [loss, gradient] = lamina::binary_cross_entropy(output, images);
  model.zero_grad();
  model.backward(gradient);
  lamina::clip_grad_norm(model.parameters(), 1.0);
  optimiser.step();
  return loss;
}

/// Makes steps number `first` up to `last` of a run with batches of 33, shuffled by `seed`; returns
/// the bits of their losses.
template <class M, class Optimiser>
Bits train(M& model, Optimiser& optimiser, int first, int last, std::uint64_t seed) {
  constexpr std::size_t batch = 33;
  constexpr int steps_an_epoch = 3;
  const auto data = noise(batch * steps_an_epoch);
  Bits bits;
  for (int step = first; step < last; ++step) {
    auto epoch = lamina::batches(
        data, batch, lamina::Shuffle{lamina::Seed{seed}, step / steps_an_epoch},
        lamina::PixelRange::unit, {.first_batch = static_cast<std::size_t>(step % steps_an_epoch)});
    const auto loss = static_cast<float>(training_step(model, optimiser, (*epoch.begin()).images));
    append(bits, {&loss, 1});
  }
  return bits;
}

}  // namespace invariants
