// SPDX-License-Identifier: MIT
// What is given to a part of a model has another shape than that part takes.
// expect: expects<.*Shape<128>
// expect: got<.*Shape<100>
// expect: this batch .* has images of another shape
// errors: 1
#include "lamina/lamina.hpp"
using namespace lamina;

#ifdef TWIN
using Latent = Shape<128>;
#else
using Latent = Shape<100>;
#endif
using Encoder = Sequential<Flatten, Linear<784, 128>>;
using Decoder = Sequential<Linear<128, 784>, Unflatten<1, 28, 28>>;

float first_pixel(Model<Sequential<Encoder, Decoder>, Shape<1, 28, 28>>& model,
                  const Tensor<Latent>& latent) {
  const auto images = model.forward_part<1>(latent);
  return images.span()[0];
}
