// SPDX-License-Identifier: MIT
#pragma once
// The autoencoders of the practical: linear layers only, convolutions only, and the variational one of
// the same convolutions. All squeeze a 28 x 28 image into 128 numbers and make an image of them again.

#include <concepts>

#include "lamina/shapes.hpp"

namespace examples {

using Image = lamina::Shape<1, 28, 28>;
inline constexpr int latent_size = 128;
using Latent = lamina::Shape<latent_size>;

/// Linear layers only.
struct FullyConnected {
  static constexpr const char* name = "fc";
  static constexpr const char* title = "Autoencoder of linear layers";

  using Encoder = lamina::Sequential<lamina::Flatten,                             //
                                     lamina::Linear<28 * 28, 512>, lamina::ReLU,  //
                                     lamina::Linear<512, 256>, lamina::ReLU,      //
                                     lamina::Linear<256, latent_size>>;
  using Decoder = lamina::Sequential<lamina::Linear<latent_size, 256>, lamina::ReLU,  //
                                     lamina::Linear<256, 512>, lamina::ReLU,          //
                                     lamina::Linear<512, 28 * 28>, lamina::Sigmoid,   //
                                     lamina::Unflatten<1, 28, 28>>;
  using Net = lamina::Sequential<Encoder, Decoder>;
};

/// Convolutions only.
struct Convolutional {
  static constexpr const char* name = "cnn";
  static constexpr const char* title = "Autoencoder of convolutions";

  using Encoder =
      lamina::Sequential<lamina::Conv2d<1, 32, 4, 2, 1>, lamina::BatchNorm2d<32>, lamina::ReLU,
                         lamina::Conv2d<32, 64, 4, 2, 1>, lamina::BatchNorm2d<64>, lamina::ReLU,
                         lamina::Conv2d<64, latent_size, 7>, lamina::Flatten>;
  using Decoder = lamina::Sequential<
      lamina::Unflatten<latent_size, 1, 1>,                                                //
      lamina::ConvTranspose2d<latent_size, 64, 7>, lamina::BatchNorm2d<64>, lamina::ReLU,  //
      lamina::ConvTranspose2d<64, 32, 4, 2, 1>, lamina::BatchNorm2d<32>, lamina::ReLU,     //
      lamina::ConvTranspose2d<32, 1, 4, 2, 1>, lamina::Sigmoid>;
  using Net = lamina::Sequential<Encoder, Decoder>;
};

/// The encoder's last convolution puts out 128 means and 128 log variances, which is two heads on one
/// trunk computed at once; the decoder puts out logits.
struct Variational {
  static constexpr const char* name = "vae";
  static constexpr const char* title = "Variational autoencoder";

  using Encoder =
      lamina::Sequential<lamina::Conv2d<1, 32, 4, 2, 1>, lamina::BatchNorm2d<32>, lamina::ReLU,
                         lamina::Conv2d<32, 64, 4, 2, 1>, lamina::BatchNorm2d<64>, lamina::ReLU,
                         lamina::Conv2d<64, 2 * latent_size, 7>, lamina::Flatten>;
  using Decoder = lamina::Sequential<
      lamina::Unflatten<latent_size, 1, 1>,                                                //
      lamina::ConvTranspose2d<latent_size, 64, 7>, lamina::BatchNorm2d<64>, lamina::ReLU,  //
      lamina::ConvTranspose2d<64, 32, 4, 2, 1>, lamina::BatchNorm2d<32>, lamina::ReLU,     //
      lamina::ConvTranspose2d<32, 1, 4, 2, 1>>;
};
static_assert(
    std::same_as<lamina::Output<Variational::Encoder, Image>, lamina::Shape<2 * latent_size>> &&
    std::same_as<lamina::Output<Variational::Decoder, Latent>, Image>);

template <class Kind>
concept AutoencoderKind = std::same_as<lamina::Output<typename Kind::Encoder, Image>, Latent> &&
                          std::same_as<lamina::Output<typename Kind::Net, Image>, Image>;
static_assert(AutoencoderKind<FullyConnected> && AutoencoderKind<Convolutional>);

}  // namespace examples
