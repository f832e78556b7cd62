// SPDX-License-Identifier: MIT
#pragma once
// The networks that the tests of models share, so that each is compiled once a program.

#include <vector>

#include "lamina/lamina.hpp"

#include "reference/network.hpp"

namespace support {

/// All kinds of layers with state, nested, on an image of odd size.
using ConvImage = lamina::Shape<2, 9, 7>;
using ConvEncoder =
    lamina::Sequential<lamina::Conv2d<2, 17, 3, 2, 1>, lamina::BatchNorm2d<17>, lamina::ReLU,
                       lamina::Flatten, lamina::Linear<340, 12>, lamina::BatchNorm1d<12>>;
using ConvDecoder =
    lamina::Sequential<lamina::Unflatten<3, 2, 2>, lamina::ConvTranspose2d<3, 5, 4, 2, 1>,
                       lamina::Dropout<0.2>, lamina::Sigmoid>;
using ConvNet = lamina::Sequential<ConvEncoder, ConvDecoder>;
using ConvModel = lamina::Model<ConvNet, ConvImage>;
using ConvOutput = ConvModel::output_shape;

/// Fully connected.
using FcImage = lamina::Shape<1, 5, 5>;
using FcNet = lamina::Sequential<
    lamina::Sequential<lamina::Flatten, lamina::Linear<25, 33>, lamina::LeakyReLU<0.2>,
                       lamina::Linear<33, 9>>,
    lamina::Sequential<lamina::Linear<9, 25>, lamina::Sigmoid, lamina::Unflatten<1, 5, 5>>>;
using FcModel = lamina::Model<FcNet, FcImage>;

inline std::vector<reference::Layer> fc_reference() {
  using namespace reference::layer;
  return {flatten(),  linear(33), leaky_relu(0.2),   linear(9),
          linear(25), sigmoid(),  unflatten(1, 5, 5)};
}

}  // namespace support
