// SPDX-License-Identifier: MIT
// Describes an autoencoder, trains it on Fashion-MNIST and saves it: the README's example.

// clang-format off: the README shows it as it is
// [snippet]
#include <iostream>

#include <lamina/data/batches.hpp>
#include <lamina/data/fashion_mnist.hpp>
#include <lamina/io/model_file.hpp>
#include <lamina/lamina.hpp>
using namespace lamina;

using Image   = Shape<1, 28, 28>;
using Encoder = Sequential<
    Conv2d<1, 32, 4, 2, 1>,  BatchNorm2d<32>, ReLU,     // in, out, kernel, stride, padding
    Conv2d<32, 64, 4, 2, 1>, BatchNorm2d<64>, ReLU,
    Conv2d<64, 128, 7>,      Flatten>;
using Decoder = Sequential<
    Unflatten<128, 1, 1>,
    ConvTranspose2d<128, 64, 7>,      BatchNorm2d<64>, ReLU,
    ConvTranspose2d<64, 32, 4, 2, 1>, BatchNorm2d<32>, ReLU,
    ConvTranspose2d<32, 1, 4, 2, 1>,  Sigmoid>;
using Autoencoder = Sequential<Encoder, Decoder>;

static_assert(std::same_as<Output<Encoder, Image>, Shape<128>>);
static_assert(std::same_as<Output<Autoencoder, Image>, Image>);

int main() {
  auto data = datasets::fashion_mnist();                 // finds, checks and reads it, or says what to do
  Model<Autoencoder, Image> model{Seed{1}};
  Adam adam{model.parameters(), {.learning_rate = 1e-3f}};
  for (int epoch = 0; epoch < 10; ++epoch) {
    double last = 0;
    for (const auto& [images, labels] : batches(data.train, 128, Shuffle{Seed{1}, epoch})) {
      const auto& reconstruction = model.forward(images);
      const auto [loss, gradient] = mse_loss(reconstruction, images);
      model.zero_grad();
      model.backward(gradient);
      adam.step();
      last = loss;
    }
    std::cout << "epoch " << epoch + 1 << ": loss " << last << std::endl;
  }
  save(model, "autoencoder.safetensors");                // PyTorch reads it as a state_dict
}
// [snippet]
