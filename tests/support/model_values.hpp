// SPDX-License-Identifier: MIT
#pragma once
// Batches and models filled from plain arrays in PyTorch's order and read into them, and a model's
// state given to a reference network.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "lamina/lamina.hpp"

#include "reference/network.hpp"

namespace support {

using reference::Values;

/// Values in [-1, 1], at least `gap` from 0, that float32 holds exactly.
inline Values random_values(std::size_t count, std::uint32_t seed, double gap = 0.0) {
  std::uint64_t state = seed * 0x9E3779B97F4A7C15U + 1;
  Values values(count);
  for (double& value : values) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const double u = 2.0 * static_cast<double>(state >> 11) * 0x1p-53 - 1.0;
    value = static_cast<float>(u * (1.0 - gap) + (u < 0 ? -gap : gap));
  }
  return values;
}

namespace detail {

/// Calls move(index in (N, C, H, W), index in (N, H, W, C)) for every value of a batch.
template <class Move>
void for_each_value(std::size_t count, lamina::Dims image, Move move) {
  const std::size_t size = image.size(), channels = static_cast<std::size_t>(image.channels());
  const std::size_t pixels = size / channels;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t channel = i % size / pixels, pixel = i % pixels;
    move(i, i / size * size + pixel * channels + channel);
  }
}

}  // namespace detail

/// A batch of these values, (N, C, H, W).
template <class S, class B = lamina::Cpu>
lamina::Tensor<S, B> batch_of(const Values& values) {
  lamina::require(values.size() % S::size == 0, values.size(),
                  " values make no batch of images of ", S::size);
  lamina::Tensor<S> batch(values.size() / S::size);
  detail::for_each_value(values.size(), S::value, [&](std::size_t logical, std::size_t stored) {
    batch.data()[stored] = static_cast<float>(values[logical]);
  });
  return lamina::Tensor<S, B>{batch};
}

/// The values of a batch, (N, C, H, W).
template <class S, class B>
Values values_of(const lamina::TensorRef<S, B>& batch) {
  std::vector<float> read(batch.size() * S::size);
  batch.read(read);
  Values values(read.size());
  detail::for_each_value(values.size(), S::value, [&](std::size_t logical, std::size_t stored) {
    values[logical] = static_cast<double>(read[stored]);
  });
  return values;
}

template <class B>
Values values_of(const lamina::NamedTensor<B>& tensor) {
  std::vector<float> values(tensor.size());
  tensor.read(values);
  return {values.begin(), values.end()};
}

template <class B>
Values gradient_of(const lamina::NamedTensor<B>& tensor) {
  const auto gradient = tensor.gradient();
  return {gradient.data(), gradient.data() + gradient.size()};
}

template <class B>
void assign(lamina::NamedTensor<B> tensor, const Values& values) {
  tensor.write(std::vector<float>(values.begin(), values.end()));
}

/// Gives a model other parameters and running statistics than its start, which has ones and zeros.
/// Variances are between 0.5 and 1.5.
template <class M>
void randomise(M& model, std::uint32_t seed) {
  for (auto& tensor : model.named_parameters())
    assign(tensor, random_values(tensor.size(), ++seed));
  for (auto& tensor : model.named_buffers()) {
    Values values = random_values(tensor.size(), ++seed);
    if (tensor.name().ends_with("running_var"))
      for (double& value : values)
        value = static_cast<float>(1.0 + value / 2.0);
    assign(tensor, values);
  }
}

/// Gives the reference the model's parameters and running statistics.
/// errors run: the reference is another network
template <class M>
void copy_state(M& model, reference::Network& network) {
  const auto tensors = model.named_parameters();
  const auto parameters = network.parameters();
  lamina::require(tensors.size() == parameters.size(), "the reference network is another one");
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    Values values = values_of(tensors[i]);
    reference::expect_size(values, parameters[i].value->size(), tensors[i].name().c_str());
    *parameters[i].value = std::move(values);
  }
  const auto buffers = model.named_buffers();
  std::size_t next = 0;
  for (reference::Layer* layer : network.leaves()) {
    if (layer->running.mean.empty()) continue;
    layer->running.mean = values_of(buffers.at(next++));
    layer->running.variance = values_of(buffers.at(next++));
  }
  lamina::require(next == buffers.size(), "the reference network has other running statistics");
}

}  // namespace support
