// SPDX-License-Identifier: MIT
#pragma once
// The reference network in double precision that a network's type describes: Sequentials of linear layers,
// convolutions, batch normalisation and activations.

#include <utility>
#include <vector>

#include "lamina/lamina.hpp"

#include "reference/network.hpp"

namespace bench {

namespace detail {

using lamina::Bias;
using reference::Layer;

template <int In, int Out, Bias WithBias>
Layer layer_of(lamina::Linear<In, Out, WithBias>) {
  return reference::layer::linear(Out, WithBias == Bias::yes);
}
template <int In, int Out, int Kernel, int Stride, int Padding, Bias WithBias>
Layer layer_of(lamina::Conv2d<In, Out, Kernel, Stride, Padding, WithBias>) {
  return reference::layer::conv2d(Out, Kernel, Stride, Padding, WithBias == Bias::yes);
}
template <int In, int Out, int Kernel, int Stride, int Padding, int OutputPadding, Bias WithBias>
Layer layer_of(lamina::ConvTranspose2d<In, Out, Kernel, Stride, Padding, OutputPadding, WithBias>) {
  return reference::layer::conv_transpose2d(Out, Kernel, Stride, Padding, OutputPadding,
                                            WithBias == Bias::yes);
}
template <int Channels>
Layer layer_of(lamina::BatchNorm2d<Channels>) {
  return reference::layer::batch_norm();
}
inline Layer layer_of(lamina::ReLU) {
  return reference::layer::relu();
}
template <double Slope>
Layer layer_of(lamina::LeakyReLU<Slope>) {
  return reference::layer::leaky_relu(Slope);
}
inline Layer layer_of(lamina::Sigmoid) {
  return reference::layer::sigmoid();
}
inline Layer layer_of(lamina::Tanh) {
  return reference::layer::tanh();
}
inline Layer layer_of(lamina::Flatten) {
  return reference::layer::flatten();
}
template <int Channels, int Height, int Width>
Layer layer_of(lamina::Unflatten<Channels, Height, Width>) {
  return reference::layer::unflatten(Channels, Height, Width);
}

template <class L>
void add_layers(std::vector<Layer>& layers, L layer) {
  layers.push_back(layer_of(layer));
}
template <class... L>
void add_layers(std::vector<Layer>& layers, lamina::Sequential<L...>) {
  (add_layers(layers, L{}), ...);
}

}  // namespace detail

/// For images of shape In.
template <class Net, class In>
reference::Network reference_network() {
  std::vector<reference::Layer> layers;
  detail::add_layers(layers, Net{});
  constexpr lamina::Dims image = In::value;
  return {{.c = image.channels(), .h = image.pixels() / image.width(), .w = image.width()},
          std::move(layers)};
}

}  // namespace bench
