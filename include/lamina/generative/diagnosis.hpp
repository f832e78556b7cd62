// SPDX-License-Identifier: MIT
#pragma once
// The errors a user reads when the halves of a generative model do not fit together.

#include "lamina/core/shape.hpp"
#include "lamina/model/diagnosis.hpp"

namespace lamina {

// Words of the error messages; they are never defined.
struct a_vector_of_means_and_log_variances;
struct one_logit;

namespace detail {

template <class Expects, class Got>
consteval void encoder_must_put_out_a_distribution() {
  static_assert(
      fits<Expects, Got>,
      "lamina: the encoder of a Vae puts out a vector of L means and L log variances, and "
      "this one puts out 'got'. Let its last layer have twice as many outputs as there are "
      "latent dimensions, and end it with Flatten if it is a convolution.");
}

template <class Expects, class Got>
consteval void decoder_must_put_out_images() {
  static_assert(
      fits<Expects, Got>,
      "lamina: the decoder (or generator) must put out images of the shape that the encoder "
      "(or discriminator) takes, 'expects'. Change its last layers.");
}

template <class Expects, class Got>
consteval void discriminator_must_put_out_one_logit() {
  static_assert(
      fits<Expects, Got>,
      "lamina: the discriminator of a Gan puts out one number for each image, Shape<1> or "
      "Shape<1, 1, 1>, a logit: end it with one output and no Sigmoid.");
}

/// L for an encoder's output Shape<2 L>; a stand-in where that is reported.
template <class Encoded>
consteval int latent_of() {
  if constexpr (Encoded::rank != 1 || Encoded::size % 2 != 0)
    encoder_must_put_out_a_distribution<expects<a_vector_of_means_and_log_variances>,
                                        got<Encoded>>();
  return Encoded::size < 2 ? 1 : static_cast<int>(Encoded::size / 2);
}

/// Each is always true: the error is the one that it calls.
template <class Image, class Decoded>
consteval bool check_decoder() {
  if constexpr (!same_shape<Image, Decoded>)
    decoder_must_put_out_images<expects<Image>, got<Decoded>>();
  return true;
}
template <class Judged>
consteval bool check_discriminator() {
  if constexpr (Judged::size != 1)
    discriminator_must_put_out_one_logit<expects<one_logit>, got<Judged>>();
  return true;
}

}  // namespace detail

}  // namespace lamina
