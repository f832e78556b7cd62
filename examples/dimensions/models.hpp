// SPDX-License-Identifier: MIT
#pragma once
// The networks that the program knows. The compiler makes their tables; a further one is one entry.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "lamina/shapes.hpp"

#include "autoencoder/networks.hpp"
#include "common/networks/dcgan.hpp"

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

inline constexpr std::string_view autoencoder_source = "examples/autoencoder/networks.hpp";
inline constexpr std::string_view practical_source = "examples/common/networks/dcgan.hpp";
inline constexpr std::string_view pytorch_source =
    "https://pytorch.org/tutorials/beginner/dcgan_faces_tutorial.html";
inline constexpr std::string_view tensorflow_source =
    "https://www.tensorflow.org/tutorials/generative/dcgan, with even paddings in place of 'same'";

inline constexpr std::array models{
    ModelEntry{"fc-encoder", "Autoencoder of linear layers: encoder", autoencoder_source,
               lamina::layer_table<FullyConnected::Encoder, Image>},
    ModelEntry{"fc-decoder", "Autoencoder of linear layers: decoder", autoencoder_source,
               lamina::layer_table<FullyConnected::Decoder, Latent>},
    ModelEntry{"cnn-encoder", "Autoencoder of convolutions: encoder", autoencoder_source,
               lamina::layer_table<Convolutional::Encoder, Image>},
    ModelEntry{"cnn-decoder", "Autoencoder of convolutions: decoder", autoencoder_source,
               lamina::layer_table<Convolutional::Decoder, Latent>},
    ModelEntry{"dcgan28-generator", "DCGAN of the practical: generator", practical_source,
               lamina::layer_table<Dcgan28::Generator, Dcgan28::Latent>},
    ModelEntry{"dcgan28-discriminator", "DCGAN of the practical: discriminator", practical_source,
               lamina::layer_table<Dcgan28::Discriminator, Dcgan28::Image>},
    ModelEntry{"dcgan64-generator", "DCGAN of PyTorch's tutorial: generator", pytorch_source,
               lamina::layer_table<Dcgan64::Generator, Dcgan64::Latent>},
    ModelEntry{"dcgan64-discriminator", "DCGAN of PyTorch's tutorial: discriminator",
               pytorch_source, lamina::layer_table<Dcgan64::Discriminator, Dcgan64::Image>},
    ModelEntry{"tensorflow-generator", "DCGAN of TensorFlow's tutorial: generator",
               tensorflow_source,
               lamina::layer_table<TensorFlowDcgan::Generator, TensorFlowDcgan::Latent>},
    ModelEntry{"tensorflow-discriminator", "DCGAN of TensorFlow's tutorial: discriminator",
               tensorflow_source,
               lamina::layer_table<TensorFlowDcgan::Discriminator, TensorFlowDcgan::Image>},
};

}  // namespace examples
