// SPDX-License-Identifier: MIT
#pragma once
// The errors a user reads when the halves of a generative model do not fit together.

#include <type_traits>

#include "lamina/core/shape.hpp"
#include "lamina/layers/add_condition.hpp"
#include "lamina/layers/pass.hpp"
#include "lamina/layers/sequential.hpp"
#include "lamina/model/diagnosis.hpp"
#include "lamina/model/network.hpp"
#include "lamina/model/steps.hpp"

namespace lamina {

// Words of the error messages; they are never defined.
struct a_vector_of_means_and_log_variances;
struct one_logit;
struct a_layer_with_a_condition;

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

template <class Expects, class Got>
consteval void denoiser_must_put_out_noise() {
  static_assert(
      fits<Expects, Got>,
      "lamina: the network of a Diffusion sees the noise in an image, which has the shape of "
      "the image, 'expects'. Change its last layers.");
}

template <class Expects, class Got>
consteval void denoiser_must_take_the_step() {
  static_assert(
      fits<Expects, Got>,
      "lamina: the network of a Diffusion is told the step of the process, and no layer of "
      "this one takes it. Put AddCondition<features, channels> behind its convolutions.");
}

/// L for an encoder's output Shape<2 L>; a stand-in where that is reported.
template <class Encoded>
consteval int latent_of() {
  if constexpr (Encoded::rank != 1 || Encoded::size % 2 != 0)
    encoder_must_put_out_a_distribution<expects<a_vector_of_means_and_log_variances>,
                                        got<Encoded>>();
  return Encoded::size < 2 ? 1 : static_cast<int>(Encoded::size / 2);
}

/// Takes the place of a network whose error was reported: whatever comes in, out comes Out, so that
/// nothing cascades behind the error. It never runs.
template <class Out>
struct StandIn {
  static constexpr LayerInfo describe(Dims in) {
    LayerInfo info;
    info.expected = in;
    info.output = Out::value;
    return info;
  }
  static constexpr Text name() { return Text{} << "StandIn"; }

  template <class, class B>
  struct Run {
    static constexpr WorkspaceSize workspace() { return {}; }
    static void forward(const ForwardPass<B>&) {}
    static void backward(const BackwardPass<B>&) {}
  };
};

/// A decoder (or generator) from Latent to Image, or the stand-in where it is reported.
template <class Decoder, class Latent, class Image>
consteval auto checked_decoder() {
  if constexpr (same_shape<Image, Output<Decoder, Latent>>) {
    return std::type_identity<Decoder>{};
  } else {
    decoder_must_put_out_images<expects<Image>, got<Output<Decoder, Latent>>>();
    return std::type_identity<Sequential<StandIn<Image>>>{};
  }
}
template <class Decoder, class Latent, class Image>
using CheckedDecoder = typename decltype(checked_decoder<Decoder, Latent, Image>())::type;

/// The network of a Diffusion, or the stand-in where it is reported.
template <class Net, class Image>
consteval auto checked_denoiser() {
  using Instead = Sequential<AddCondition<2, infer>, StandIn<Image>>;
  if constexpr (!same_shape<Image, Output<Net, Image>>) {
    denoiser_must_put_out_noise<expects<Image>, got<Output<Net, Image>>>();
    return std::type_identity<Instead>{};
  } else if constexpr (constexpr int features = Checked<Net, Image>::trace.condition_features;
                       features == 0) {
    denoiser_must_take_the_step<expects<a_layer_with_a_condition>, got<ConditionShape<features>>>();
    return std::type_identity<Instead>{};
  } else {
    return std::type_identity<Net>{};
  }
}
template <class Net, class Image>
using CheckedDenoiser = typename decltype(checked_denoiser<Net, Image>())::type;

/// Always true: the error is the one that it calls.
template <class Judged>
consteval bool check_discriminator() {
  if constexpr (Judged::size != 1)
    discriminator_must_put_out_one_logit<expects<one_logit>, got<Judged>>();
  return true;
}

}  // namespace detail

}  // namespace lamina
