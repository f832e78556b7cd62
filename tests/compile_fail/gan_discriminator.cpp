// SPDX-License-Identifier: MIT
// The discriminator of a Gan that puts out one logit for each patch of an image.
// expect: expects<.*one_logit
// expect: got<.*Shape<1, 2, 2>
// expect: the discriminator of a Gan puts out one number for each image
// errors: 1
#include "lamina/generative/gan.hpp"
#include "lamina/lamina.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int window = 4;
#else
constexpr int window = 3;
#endif
using Latent = Shape<5, 1, 1>;
using Image = Shape<1, 8, 8>;
using Generator = Sequential<ConvTranspose2d<5, 4, 4>, ReLU, ConvTranspose2d<4, 1, 4, 2, 1>, Tanh>;
using Discriminator = Sequential<Conv2d<1, 4, 4, 2, 1>, LeakyReLU<>, Conv2d<4, 1, window>>;

double train(Gan<Generator, Discriminator, Latent, Image>& gan, const Tensor<Image>& images) {
  return gan.step(images, 0).generator_loss;
}
