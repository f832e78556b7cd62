// SPDX-License-Identifier: MIT
// The encoder of a Vae that ends with a convolution and no Flatten.
// expect: expects<.*a_vector_of_means_and_log_variances
// expect: got<.*Shape<6, 1, 1>
// expect: end it with Flatten if it is a convolution
// errors: 1
#include "lamina/generative/vae.hpp"
#include "lamina/lamina.hpp"
using namespace lamina;

using Image = Shape<1, 4, 4>;
#ifdef TWIN
using Encoder = Sequential<Conv2d<1, 6, 4>, Flatten>;
#else
using Encoder = Sequential<Conv2d<1, 6, 4>>;
#endif
using Decoder = Sequential<Linear<3, 16>, Unflatten<1, 4, 4>>;

double train(Vae<Encoder, Decoder, Image>& vae, const Tensor<Image>& images) {
  const auto losses = vae.forward(images, 0);
  vae.zero_grad();
  vae.backward();
  return losses.sum();
}
