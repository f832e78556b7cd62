// SPDX-License-Identifier: MIT
#pragma once
// The networks that the program knows. The compiler makes their tables; a further one is one entry.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "lamina/shapes.hpp"

#include "common/networks/autoencoders.hpp"
#include "common/networks/classifier.hpp"
#include "common/networks/dcgan.hpp"
#include "common/networks/unet.hpp"

namespace examples {

struct ModelEntry {
  std::string_view name;  ///< for --model, and for files
  std::string_view title;
  std::string_view source;
  std::span<const lamina::LayerRow> rows;

  constexpr std::int64_t parameters() const {
    std::int64_t sum = 0;
    for (const lamina::LayerRow& row : rows)
      sum += row.parameters;
    return sum;
  }
  constexpr std::int64_t multiply_adds() const {
    std::int64_t sum = 0;
    for (const lamina::LayerRow& row : rows)
      sum += row.multiply_adds;
    return sum;
  }
};

inline constexpr std::string_view autoencoders_source = "examples/common/networks/autoencoders.hpp";
inline constexpr std::string_view dcgan_source = "examples/common/networks/dcgan.hpp";
inline constexpr std::string_view classifier_source = "examples/common/networks/classifier.hpp";
inline constexpr std::string_view unet_source = "examples/common/networks/unet.hpp";
inline constexpr std::string_view pytorch_source =
    "https://pytorch.org/tutorials/beginner/dcgan_faces_tutorial.html";
inline constexpr std::string_view tensorflow_source =
    "https://www.tensorflow.org/tutorials/generative/dcgan, with even paddings in place of 'same'";

inline constexpr std::array models{
    ModelEntry{"fc-encoder", "Autoencoder of linear layers: encoder", autoencoders_source,
               lamina::layer_table<FullyConnected::Encoder, Image>},
    ModelEntry{"fc-decoder", "Autoencoder of linear layers: decoder", autoencoders_source,
               lamina::layer_table<FullyConnected::Decoder, Latent>},
    ModelEntry{"cnn-encoder", "Autoencoder of convolutions: encoder", autoencoders_source,
               lamina::layer_table<Convolutional::Encoder, Image>},
    ModelEntry{"cnn-decoder", "Autoencoder of convolutions: decoder", autoencoders_source,
               lamina::layer_table<Convolutional::Decoder, Latent>},
    ModelEntry{"vae-encoder", "Variational autoencoder: encoder", autoencoders_source,
               lamina::layer_table<Variational::Encoder, Image>},
    ModelEntry{"vae-decoder", "Variational autoencoder: decoder", autoencoders_source,
               lamina::layer_table<Variational::Decoder, Latent>},
    ModelEntry{"classifier", "Classifier of Fashion-MNIST", classifier_source,
               lamina::layer_table<Classifier::Net, Classifier::Image>},
    ModelEntry{"dcgan28-generator", "DCGAN for 28 x 28: generator", dcgan_source,
               lamina::layer_table<Dcgan28::Generator, Dcgan28::Latent>},
    ModelEntry{"dcgan28-discriminator", "DCGAN for 28 x 28: discriminator", dcgan_source,
               lamina::layer_table<Dcgan28::Discriminator, Dcgan28::Image>},
    ModelEntry{"grey64-generator", "DCGAN for grey 64 x 64: generator", dcgan_source,
               lamina::layer_table<GreyDcgan64::Generator, GreyDcgan64::Latent>},
    ModelEntry{"grey64-discriminator", "DCGAN for grey 64 x 64: discriminator", dcgan_source,
               lamina::layer_table<GreyDcgan64::Discriminator, GreyDcgan64::Image>},
    ModelEntry{"unet", "U-Net of the diffusion model", unet_source,
               lamina::layer_table<UNet::Net, UNet::Image>},
    ModelEntry{"pytorch64-generator", "DCGAN of PyTorch's tutorial: generator", pytorch_source,
               lamina::layer_table<Dcgan64::Generator, Dcgan64::Latent>},
    ModelEntry{"pytorch64-discriminator", "DCGAN of PyTorch's tutorial: discriminator",
               pytorch_source, lamina::layer_table<Dcgan64::Discriminator, Dcgan64::Image>},
    ModelEntry{"tensorflow28-generator", "DCGAN of TensorFlow's tutorial: generator",
               tensorflow_source,
               lamina::layer_table<TensorFlowDcgan::Generator, TensorFlowDcgan::Latent>},
    ModelEntry{"tensorflow28-discriminator", "DCGAN of TensorFlow's tutorial: discriminator",
               tensorflow_source,
               lamina::layer_table<TensorFlowDcgan::Discriminator, TensorFlowDcgan::Image>},
};

}  // namespace examples
