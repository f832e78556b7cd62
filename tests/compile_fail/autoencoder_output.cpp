// SPDX-License-Identifier: MIT
// 31 for 32 inside an autoencoder: the error counts layers in the encoder.
// expect: at_layer<3>
// expect: Conv2d<31, 64, 4, 2, 1
// expect: expects<.*Shape<31, 14, 14>
// expect: got<.*Shape<32, 14, 14>
// expect: write_this<.*Conv2d<32, 64, 4, 2, 1
// expect: another number of channels
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

// clang-format off
#ifdef TWIN
constexpr int channels = 32;
#else
constexpr int channels = 31;
#endif
using Image = Shape<1, 28, 28>;
using Encoder = Sequential<
    Conv2d<1, 32, 4, 2, 1>,         BatchNorm2d<32>, ReLU,
    Conv2d<channels, 64, 4, 2, 1>,  BatchNorm2d<64>, ReLU,
    Conv2d<64, 128, 7>,             Flatten>;
using Decoder = Sequential<
    Unflatten<128, 1, 1>,
    ConvTranspose2d<128, 64, 7>,      BatchNorm2d<64>, ReLU,
    ConvTranspose2d<64, 32, 4, 2, 1>, BatchNorm2d<32>, ReLU,
    ConvTranspose2d<32, 1, 4, 2, 1>,  Sigmoid>;
using Autoencoder = Sequential<Encoder, Decoder>;
// clang-format on
static_assert(std::same_as<Output<Encoder, Image>, Shape<128>>);
static_assert(std::same_as<Output<Autoencoder, Image>, Image>);
