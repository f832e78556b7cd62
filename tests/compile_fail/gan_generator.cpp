// SPDX-License-Identifier: MIT
// The generator of a Gan that makes images of half the size that the discriminator takes.
// expect: expects<.*Shape<1, 8, 8>
// expect: got<.*Shape<1, 4, 4>
// expect: must put out images of the shape that the encoder \(or discriminator\) takes
// errors: 1
#include "lamina/generative/gan.hpp"
#include "lamina/lamina.hpp"
using namespace lamina;

using Latent = Shape<5, 1, 1>;
using Image = Shape<1, 8, 8>;
#ifdef TWIN
using Generator = Sequential<ConvTranspose2d<5, 4, 4>, ReLU, ConvTranspose2d<4, 1, 4, 2, 1>, Tanh>;
#else
using Generator = Sequential<ConvTranspose2d<5, 1, 4>, Tanh>;
#endif
using Discriminator = Sequential<Conv2d<1, 4, 4, 2, 1>, LeakyReLU<>, Conv2d<4, 1, 4>>;

double train(Gan<Generator, Discriminator, Latent, Image>& gan, const Tensor<Image>& images) {
  return gan.step(images, 0).generator_loss;
}
