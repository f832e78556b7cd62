// SPDX-License-Identifier: MIT
// A part that the network does not have.
// expect: expects<.*a_number_below<2
// expect: got<.*part_number<2
// expect: no part with that number
// errors: 1
#include "lamina/lamina.hpp"
using namespace lamina;

#ifdef TWIN
constexpr std::size_t number = 1;
#else
constexpr std::size_t number = 2;
#endif
using Encoder = Sequential<Flatten, Linear<784, 128>>;
using Decoder = Sequential<Linear<128, 784>, Unflatten<1, 28, 28>>;

float first_pixel(Model<Sequential<Encoder, Decoder>, Shape<1, 28, 28>>& model,
                  const Tensor<Shape<128>>& latent) {
  const auto images = model.forward_part<number>(latent);
  return images.span()[0];
}
