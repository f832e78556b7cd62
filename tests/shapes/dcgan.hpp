// SPDX-License-Identifier: MIT
#pragma once
// The two networks of a DCGAN in two sizes, and what must come out of them. compile_time.sh measures
// what it costs to include this.

#include <concepts>

#include "lamina/shapes.hpp"

namespace lamina {

// clang-format off
// DCGAN for images of 28 x 28 (latent 100; 256, 128 / 64, 128).
using Generator28 = Sequential<
    ConvTranspose2d<100, 256, 7, 1, 0, 0, Bias::no>, BatchNorm2d<256>, ReLU,
    ConvTranspose2d<256, 128, 4, 2, 1, 0, Bias::no>, BatchNorm2d<128>, ReLU,
    ConvTranspose2d<128, 1, 4, 2, 1, 0, Bias::no>,   Tanh>;
using Discriminator28 = Sequential<
    Conv2d<1, 64, 4, 2, 1, Bias::no>,                           LeakyReLU<0.2>,
    Conv2d<64, 128, 4, 2, 1, Bias::no>,    BatchNorm2d<128>,    LeakyReLU<0.2>,
    Conv2d<128, 1, 7, 1, 0, Bias::no>,     Flatten>;
// DCGAN for images of 64 x 64: pytorch.org/tutorials/beginner/dcgan_faces_tutorial.html.
using Generator64 = Sequential<
    ConvTranspose2d<100, 512, 4, 1, 0, 0, Bias::no>, BatchNorm2d<512>, ReLU,
    ConvTranspose2d<512, 256, 4, 2, 1, 0, Bias::no>, BatchNorm2d<256>, ReLU,
    ConvTranspose2d<256, 128, 4, 2, 1, 0, Bias::no>, BatchNorm2d<128>, ReLU,
    ConvTranspose2d<128, 64, 4, 2, 1, 0, Bias::no>,  BatchNorm2d<64>,  ReLU,
    ConvTranspose2d<64, 3, 4, 2, 1, 0, Bias::no>,    Tanh>;
using Discriminator64 = Sequential<
    Conv2d<3, 64, 4, 2, 1, Bias::no>,                        LeakyReLU<0.2>,
    Conv2d<64, 128, 4, 2, 1, Bias::no>,  BatchNorm2d<128>,   LeakyReLU<0.2>,
    Conv2d<128, 256, 4, 2, 1, Bias::no>, BatchNorm2d<256>,   LeakyReLU<0.2>,
    Conv2d<256, 512, 4, 2, 1, Bias::no>, BatchNorm2d<512>,   LeakyReLU<0.2>,
    Conv2d<512, 1, 4, 1, 0, Bias::no>,   Sigmoid>;
// clang-format on
template <class Net, class In, class Expected>
inline constexpr bool comes_out = std::same_as<Output<Net, In>, Expected>;

using Latent = Shape<100, 1, 1>;
static_assert(comes_out<Generator28, Latent, Shape<1, 28, 28>>);
static_assert(comes_out<Discriminator28, Shape<1, 28, 28>, Shape<1>>);
static_assert(comes_out<Sequential<Generator28, Discriminator28>, Latent, Shape<1>>);
static_assert(comes_out<Generator64, Latent, Shape<3, 64, 64>>);
static_assert(comes_out<Discriminator64, Shape<3, 64, 64>, Shape<1, 1, 1>>);

static_assert(layer_table<Generator64, Latent>.size() == 14);
static_assert(layer_table<Generator64, Latent>[0].parameters == 100 * 512 * 4 * 4);
// 1 + 3 (1 + 2 + 4 + 8 + 16)
static_assert(layer_table<Discriminator64, Shape<3, 64, 64>>[12].receptive_field == 94);

}  // namespace lamina
