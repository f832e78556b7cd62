// SPDX-License-Identifier: MIT
#pragma once
// How parameters start: PyTorch's defaults, and the rules of torch.nn.init that its tutorials use.
// A value depends on the seed, the tensor's number and the value's index, in PyTorch's order.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "lamina/core/isa.hpp"
#include "lamina/core/random.hpp"
#include "lamina/model/named_tensor.hpp"

namespace lamina::inline LAMINA_ISA {

namespace impl {

template <class B, class Draw>
void fill_in_order(NamedTensor<B> tensor, const Draw& draw) {
  std::vector<float> values(tensor.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = draw(i);
  tensor.write(values);
}

template <class B>
void fill_uniform(const NamedTensor<B>& tensor, float bound, Seed seed) {
  const Philox philox(seed, Stream::initialisation, tensor.number());
  fill_in_order(tensor,
                [&](std::size_t i) { return bound * (2.0F * uniform(philox.word(0, i)) - 1.0F); });
}

template <class B>
void start_as_torch(const NamedTensor<B>& tensor, Seed seed) {
  switch (tensor.info().start) {
    case Start::uniform_fan_in:
      fill_uniform(tensor, 1.0F / std::sqrt(static_cast<float>(tensor.info().fan_in)), seed);
      break;
    case Start::ones:
      fill_in_order(tensor, [](std::size_t) { return 1.0F; });
      break;
    case Start::zeros:
      fill_in_order(tensor, [](std::size_t) { return 0.0F; });
      break;
  }
}

}  // namespace impl

/// The rules of torch.nn.init, for tensors named by model.parameter(...) or named_parameters().
namespace init {

/// Fan-in and fan-out as torch.nn.init counts them: (shape[1], shape[0]) * kernel size.
struct Fans {
  float in;
  float out;
};

/// errors run: the tensor is a vector, which has no fans
template <class B>
Fans fans(const NamedTensor<B>& tensor) {
  const Dims shape = tensor.info().shape;
  require(shape.rank >= 2, "fan-in and fan-out need a weight with at least two dimensions, '",
          tensor.name(), "' is a vector");
  int window = 1;
  for (int i = 2; i < shape.rank; ++i)
    window *= shape[i];
  return {static_cast<float>(shape[1] * window), static_cast<float>(shape[0] * window)};
}

/// sqrt(2): the gain of ReLU.
inline constexpr float relu_gain = 1.41421356F;
/// The gain of LeakyReLU with this slope.
inline float leaky_relu_gain(float slope) {
  return std::sqrt(2.0F / (1.0F + slope * slope));
}

template <class B>
void constant(const NamedTensor<B>& tensor, float value) {
  impl::fill_in_order(tensor, [value](std::size_t) { return value; });
}
/// U(-bound, bound).
template <class B>
void uniform(const NamedTensor<B>& tensor, float bound, Seed seed) {
  impl::fill_uniform(tensor, bound, seed);
}
/// N(mean, deviation^2).
template <class B>
void normal(const NamedTensor<B>& tensor, float mean, float deviation, Seed seed) {
  const Philox philox(seed, Stream::initialisation, tensor.number());
  impl::fill_in_order(
      tensor, [&](std::size_t i) { return mean + deviation * lamina::normal(philox, 0, i); });
}
/// ref  Glorot & Bengio 2010
template <class B>
void xavier_uniform(const NamedTensor<B>& tensor, Seed seed, float gain = 1.0F) {
  const Fans f = fans(tensor);
  uniform(tensor, gain * std::sqrt(6.0F / (f.in + f.out)), seed);
}
template <class B>
void xavier_normal(const NamedTensor<B>& tensor, Seed seed, float gain = 1.0F) {
  const Fans f = fans(tensor);
  normal(tensor, 0.0F, gain * std::sqrt(2.0F / (f.in + f.out)), seed);
}
/// ref  He et al. 2015, arXiv:1502.01852; mode fan_in
template <class B>
void kaiming_uniform(const NamedTensor<B>& tensor, Seed seed, float gain = relu_gain) {
  uniform(tensor, gain * std::sqrt(3.0F / fans(tensor).in), seed);
}
template <class B>
void kaiming_normal(const NamedTensor<B>& tensor, Seed seed, float gain = relu_gain) {
  normal(tensor, 0.0F, gain / std::sqrt(fans(tensor).in), seed);
}

}  // namespace init

}  // namespace lamina::inline LAMINA_ISA
