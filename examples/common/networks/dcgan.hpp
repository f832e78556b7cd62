// SPDX-License-Identifier: MIT
#pragma once
// DCGANs: a generator makes an image of noise, a discriminator one number of an image.
// Radford et al. 2016, arXiv:1511.06434. bench/compile measures what it costs to include this.

#include <concepts>

#include "lamina/shapes.hpp"

namespace examples {

namespace dcgan {

// Convolutions without bias.
template <int In, int Out, int Kernel, int Stride, int Padding>
using Down = lamina::Conv2d<In, Out, Kernel, Stride, Padding, lamina::Bias::no>;
template <int In, int Out, int Kernel, int Stride, int Padding, int OutputPadding = 0>
using Up =
    lamina::ConvTranspose2d<In, Out, Kernel, Stride, Padding, OutputPadding, lamina::Bias::no>;

}  // namespace dcgan

// clang-format off
/// For images of 28 x 28: the practical's, with Width channels in the generator's last hidden layer.
template <int Width>
struct Dcgan28Of {
  using Latent = lamina::Shape<100, 1, 1>;
  using Image  = lamina::Shape<1, 28, 28>;
  using Generator = lamina::Sequential<
      lamina::ConvTranspose2d<100, 2 * Width, 7>,             lamina::BatchNorm2d<2 * Width>, lamina::ReLU,
      lamina::ConvTranspose2d<2 * Width, Width, 4, 2, 1>,     lamina::BatchNorm2d<Width>,     lamina::ReLU,
      lamina::ConvTranspose2d<Width, 1, 4, 2, 1>,             lamina::Tanh>;
  using Discriminator = lamina::Sequential<
      lamina::Conv2d<1, 64, 4, 2, 1>,                              lamina::LeakyReLU<0.2>,
      lamina::Conv2d<64, 128, 4, 2, 1>,  lamina::BatchNorm2d<128>, lamina::LeakyReLU<0.2>,
      lamina::Conv2d<128, 1, 7>>;
};
using Dcgan28 = Dcgan28Of<128>;

/// For images of 64 x 64 in colour: the one of PyTorch's tutorial.
/// ref    pytorch.org/tutorials/beginner/dcgan_faces_tutorial.html
struct Dcgan64 {
  using Latent = lamina::Shape<100, 1, 1>;
  using Image  = lamina::Shape<3, 64, 64>;
  using Generator = lamina::Sequential<
      dcgan::Up<100, 512, 4, 1, 0>, lamina::BatchNorm2d<512>, lamina::ReLU,
      dcgan::Up<512, 256, 4, 2, 1>, lamina::BatchNorm2d<256>, lamina::ReLU,
      dcgan::Up<256, 128, 4, 2, 1>, lamina::BatchNorm2d<128>, lamina::ReLU,
      dcgan::Up<128, 64, 4, 2, 1>,  lamina::BatchNorm2d<64>,  lamina::ReLU,
      dcgan::Up<64, 3, 4, 2, 1>,    lamina::Tanh>;
  using Discriminator = lamina::Sequential<
      dcgan::Down<3, 64, 4, 2, 1>,                              lamina::LeakyReLU<0.2>,
      dcgan::Down<64, 128, 4, 2, 1>,  lamina::BatchNorm2d<128>, lamina::LeakyReLU<0.2>,
      dcgan::Down<128, 256, 4, 2, 1>, lamina::BatchNorm2d<256>, lamina::LeakyReLU<0.2>,
      dcgan::Down<256, 512, 4, 2, 1>, lamina::BatchNorm2d<512>, lamina::LeakyReLU<0.2>,
      dcgan::Down<512, 1, 4, 1, 0>,   lamina::Sigmoid>;
};

/// The same for grey images, with a discriminator that puts out logits.
struct GreyDcgan64 {
  using Latent = lamina::Shape<100, 1, 1>;
  using Image  = lamina::Shape<1, 64, 64>;
  using Generator = lamina::Sequential<
      dcgan::Up<100, 512, 4, 1, 0>, lamina::BatchNorm2d<512>, lamina::ReLU,
      dcgan::Up<512, 256, 4, 2, 1>, lamina::BatchNorm2d<256>, lamina::ReLU,
      dcgan::Up<256, 128, 4, 2, 1>, lamina::BatchNorm2d<128>, lamina::ReLU,
      dcgan::Up<128, 64, 4, 2, 1>,  lamina::BatchNorm2d<64>,  lamina::ReLU,
      dcgan::Up<64, 1, 4, 2, 1>,    lamina::Tanh>;
  using Discriminator = lamina::Sequential<
      dcgan::Down<1, 64, 4, 2, 1>,                              lamina::LeakyReLU<0.2>,
      dcgan::Down<64, 128, 4, 2, 1>,  lamina::BatchNorm2d<128>, lamina::LeakyReLU<0.2>,
      dcgan::Down<128, 256, 4, 2, 1>, lamina::BatchNorm2d<256>, lamina::LeakyReLU<0.2>,
      dcgan::Down<256, 512, 4, 2, 1>, lamina::BatchNorm2d<512>, lamina::LeakyReLU<0.2>,
      dcgan::Down<512, 1, 4, 1, 0>>;
};

/// For images of 28 x 28: the one of TensorFlow's tutorial. Where the stride is 2, TensorFlow's
/// padding 'same' is one wider below and on the right than above and on the left; here all sides
/// have the wider one: shapes and numbers of parameters are equal.
/// ref    www.tensorflow.org/tutorials/generative/dcgan
struct TensorFlowDcgan {
  using Latent = lamina::Shape<100>;
  using Image  = lamina::Shape<1, 28, 28>;
  using Generator = lamina::Sequential<
      lamina::Linear<100, 256 * 7 * 7, lamina::Bias::no>,
                                lamina::BatchNorm1d<256 * 7 * 7>, lamina::LeakyReLU<0.3>,
      lamina::Unflatten<256, 7, 7>,
      dcgan::Up<256, 128, 5, 1, 2>,   lamina::BatchNorm2d<128>,   lamina::LeakyReLU<0.3>,
      dcgan::Up<128, 64, 5, 2, 2, 1>, lamina::BatchNorm2d<64>,    lamina::LeakyReLU<0.3>,
      dcgan::Up<64, 1, 5, 2, 2, 1>,   lamina::Tanh>;
  using Discriminator = lamina::Sequential<
      lamina::Conv2d<1, 64, 5, 2, 2>,   lamina::LeakyReLU<0.3>, lamina::Dropout<0.3>,
      lamina::Conv2d<64, 128, 5, 2, 2>, lamina::LeakyReLU<0.3>, lamina::Dropout<0.3>,
      lamina::Flatten, lamina::Linear<128 * 7 * 7, 1>>;
};
// clang-format on

template <class Gan>
concept DcganKind = std::same_as<lamina::Output<typename Gan::Generator, typename Gan::Latent>,
                                 typename Gan::Image> &&
                    lamina::Output<typename Gan::Discriminator, typename Gan::Image>::size == 1;
static_assert(DcganKind<Dcgan28> && DcganKind<Dcgan64> && DcganKind<GreyDcgan64> &&
              DcganKind<TensorFlowDcgan>);

}  // namespace examples
