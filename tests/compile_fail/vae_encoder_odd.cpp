// SPDX-License-Identifier: MIT
// The encoder of a Vae that puts out an odd number of values: no mean and log variance for each.
// expect: expects<.*a_vector_of_means_and_log_variances
// expect: got<.*Shape<7>
// expect: the encoder of a Vae puts out a vector of L means and L log variances
// errors: 1
#include "lamina/generative/vae.hpp"
#include "lamina/lamina.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int outputs = 6;
#else
constexpr int outputs = 7;
#endif
using Image = Shape<1, 4, 4>;
using Encoder = Sequential<Flatten, Linear<16, outputs>>;
using Decoder = Sequential<Linear<3, 16>, Unflatten<1, 4, 4>>;

double train(Vae<Encoder, Decoder, Image>& vae, const Tensor<Image>& images) {
  const auto losses = vae.forward(images, 0);
  vae.zero_grad();
  vae.backward();
  return losses.sum();
}
