// SPDX-License-Identifier: MIT
// Twenty steps of a small DCGAN with given latent vectors against PyTorch in float64.

#include <cstddef>

#include <gtest/gtest.h>

#include "lamina/generative/gan.hpp"
#include "lamina/lamina.hpp"

#include "parity/training_fixture.hpp"

namespace gan_parity_test {

using namespace lamina;
using support::Values;

using Latent = Shape<6, 1, 1>;
using Image = Shape<1, 16, 16>;
using Generator = Sequential<ConvTranspose2d<6, 16, 4, 1, 0, 0, Bias::no>, BatchNorm2d<16>, ReLU,
                             ConvTranspose2d<16, 8, 4, 2, 1, 0, Bias::no>, BatchNorm2d<8>, ReLU,
                             ConvTranspose2d<8, 1, 4, 2, 1>, Tanh>;
using Discriminator =
    Sequential<Conv2d<1, 8, 4, 2, 1>, LeakyReLU<0.2>,                              //
               Conv2d<8, 16, 4, 2, 1, Bias::no>, BatchNorm2d<16>, LeakyReLU<0.2>,  //
               Conv2d<16, 1, 4>>;

TEST(GanParity, TwentyStepsMatchTorchFloat64) {
  const parity::TrainingFixture fixture("gan_parity.safetensors");
  Gan<Generator, Discriminator, Latent, Image> gan(Seed{1});
  fixture.load("generator", gan.generator());
  fixture.load("discriminator", gan.discriminator());
  Values discriminator_loss, generator_loss, real, fake, fake_after;
  for (std::size_t number = 0; number < fixture.steps; ++number) {
    const auto images = fixture.batch<Image>("images", number % 5);
    const auto z = fixture.batch<Latent>("z", number);
    const GanStep step = gan.step(images, z, number);
    discriminator_loss.push_back(step.discriminator_loss);
    generator_loss.push_back(step.generator_loss);
    real.push_back(step.real);
    fake.push_back(step.fake);
    fake_after.push_back(step.fake_after);
  }
  fixture.expect_history("discriminator_loss", discriminator_loss);
  fixture.expect_history("generator_loss", generator_loss);
  fixture.expect_history("real", real);
  fixture.expect_history("fake", fake);
  fixture.expect_history("fake_after", fake_after);
  fixture.expect_after("generator", gan.generator());
  fixture.expect_after("discriminator", gan.discriminator());
}

}  // namespace gan_parity_test
