// SPDX-License-Identifier: MIT
// Twenty steps of a small VAE with given noise against PyTorch in float64.

#include <cstddef>

#include <gtest/gtest.h>

#include "lamina/generative/vae.hpp"
#include "lamina/lamina.hpp"

#include "parity/training_fixture.hpp"

namespace vae_parity_test {

using namespace lamina;
using support::Values;

using Image = Shape<1, 8, 8>;
using Encoder = Sequential<Conv2d<1, 8, 4, 2, 1, Bias::no>, BatchNorm2d<8>, ReLU,
                           Conv2d<8, 16, 4, 2, 1, Bias::no>, BatchNorm2d<16>, ReLU,  //
                           Flatten, Linear<64, 8>>;
using Decoder = Sequential<Linear<4, 64, Bias::no>, BatchNorm1d<64>, ReLU, Unflatten<16, 2, 2>,
                           ConvTranspose2d<16, 8, 4, 2, 1, 0, Bias::no>, BatchNorm2d<8>, ReLU,
                           ConvTranspose2d<8, 1, 4, 2, 1>>;

TEST(VaeParity, TwentyAdamStepsMatchTorchFloat64) {
  const parity::TrainingFixture fixture("vae_parity.safetensors");
  Vae<Encoder, Decoder, Image> vae(Seed{1});
  fixture.load("encoder", vae.encoder());
  fixture.load("decoder", vae.decoder());
  Adam encoder_adam(vae.encoder().parameters(), {.learning_rate = 1e-3F});
  Adam decoder_adam(vae.decoder().parameters(), {.learning_rate = 1e-3F});
  Values reconstruction, kl;
  for (std::size_t step = 0; step < fixture.steps; ++step) {
    const auto images = fixture.batch<Image>("images", step % 5);
    const auto noise = fixture.batch<Shape<4>>("noise", step);
    const VaeLosses losses = vae.forward(images, noise);
    vae.zero_grad();
    vae.backward();
    encoder_adam.step();
    decoder_adam.step();
    reconstruction.push_back(losses.reconstruction);
    kl.push_back(losses.kl);
  }
  fixture.expect_history("reconstruction", reconstruction);
  fixture.expect_history("kl", kl);
  fixture.expect_after("encoder", vae.encoder());
  fixture.expect_after("decoder", vae.decoder());
}

}  // namespace vae_parity_test
