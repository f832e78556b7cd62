// SPDX-License-Identifier: MIT
// The decoder of a Vae that puts out vectors where the encoder takes images.
// expect: expects<.*Shape<1, 4, 4>
// expect: got<.*Shape<16>
// expect: must put out images of the shape that the encoder
// errors: 1
#include "lamina/generative/vae.hpp"
#include "lamina/lamina.hpp"
using namespace lamina;

using Image = Shape<1, 4, 4>;
using Encoder = Sequential<Flatten, Linear<16, 6>>;
#ifdef TWIN
using Decoder = Sequential<Linear<3, 16>, Unflatten<1, 4, 4>>;
#else
using Decoder = Sequential<Linear<3, 16>>;
#endif

double train(Vae<Encoder, Decoder, Image>& vae, const Tensor<Image>& images) {
  const auto losses = vae.forward(images, 0);
  vae.zero_grad();
  vae.backward();
  return losses.sum();
}
