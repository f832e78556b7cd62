// SPDX-License-Identifier: MIT
// Vae: both parts of the loss and all gradients against the same model in double precision, the
// noise, what encode and decode give, and the same bits for any number of threads.

#include "lamina/generative/vae.hpp"

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "generative/checks.hpp"
#include "invariants/training.hpp"
#include "reference/losses.hpp"
#include "reference/variational.hpp"
#include "support/error_text.hpp"

namespace vae_test {

using namespace lamina;
using generative::pixels;
using reference::Values;

constexpr std::size_t images = 3, latent = 5;
using Image = Shape<1, 4, 4>;
using Latent = Shape<5>;
using SmallVae = Vae<
    Sequential<Conv2d<1, 6, 4, 2, 1, Bias::no>, BatchNorm2d<6>, Tanh, Conv2d<6, 10, 2>, Flatten>,
    Sequential<Unflatten<5, 1, 1>, ConvTranspose2d<5, 6, 2, 1, 0, 0, Bias::no>, BatchNorm2d<6>,
               Tanh, ConvTranspose2d<6, 1, 4, 2, 1>>,
    Image>;
static_assert(std::same_as<SmallVae::latent_shape, Latent>);
static_assert(std::same_as<SmallVae::image_shape, Image>);

SmallVae small_vae(PixelModel model = PixelModel::bernoulli) {
  SmallVae vae(Seed{1}, model);
  generative::randomise(vae.encoder(), 10);
  generative::randomise(vae.decoder(), 20);
  return vae;
}

/// The same in double precision.
struct ReferenceVae {
  explicit ReferenceVae(SmallVae& vae, PixelModel model = PixelModel::bernoulli)
      : pixel_model(model) {
    support::copy_state(vae.encoder(), encoder);
    support::copy_state(vae.decoder(), decoder);
  }

  VaeLosses losses(const Values& x, const Values& noise, bool training = true) {
    const auto count = static_cast<double>(x.size() / Image::size);
    encoded = encoder.forward(x, static_cast<int>(count), training);
    z = reference::reparametrise(latent, encoded, noise);
    logits = decoder.forward(z, static_cast<int>(count), training);
    const auto loss = pixel_model == PixelModel::bernoulli
                          ? reference::binary_cross_entropy_with_logits
                          : reference::half_squared_error_of_logit;
    const Values kl = reference::divergences(latent, encoded);
    return {loss(logits, x, reference::Reduction::sum).value / count,
            std::reduce(kl.begin(), kl.end()) / count};
  }

  PixelModel pixel_model;
  reference::Network encoder{
      {.c = 1, .h = 4, .w = 4},
      {reference::layer::conv2d(6, 4, 2, 1, false), reference::layer::batch_norm(),
       reference::layer::tanh(), reference::layer::conv2d(10, 2), reference::layer::flatten()}};
  reference::Network decoder{
      {.c = 5},
      {reference::layer::unflatten(5, 1, 1),
       reference::layer::conv_transpose2d(6, 2, 1, 0, 0, false), reference::layer::batch_norm(),
       reference::layer::tanh(), reference::layer::conv_transpose2d(1, 4, 2, 1)}};
  Values encoded, z, logits;  ///< of the last call
};

// What goes in.
const Values x = pixels(images * Image::size, 1);
const Values noise = support::random_values(images * latent, 2);
const Tensor<Image> x_batch = support::batch_of<Image>(x);
const Tensor<Latent> noise_batch = support::batch_of<Latent>(noise);

// Float32 sums of some tens of products are off by a few 1e-7 of the result.
constexpr double tolerance = 2e-6;

TEST(Vae, LossesMatchReference) {
  for (const PixelModel model : {PixelModel::bernoulli, PixelModel::gaussian}) {
    SmallVae vae = small_vae(model);
    ReferenceVae expected(vae, model);
    for (const bool training : {true, false}) {
      vae.train(training);
      const VaeLosses losses = vae.forward(x_batch, noise_batch);
      const VaeLosses wanted = expected.losses(x, noise, training);
      EXPECT_NEAR(losses.reconstruction, wanted.reconstruction, tolerance * wanted.reconstruction);
      EXPECT_NEAR(losses.kl, wanted.kl, tolerance * wanted.kl);
      EXPECT_EQ(losses.sum(), losses.reconstruction + losses.kl);
    }
  }
}

void expect_gradients(PixelModel model, float beta) {
  SCOPED_TRACE((model == PixelModel::bernoulli ? "bernoulli, beta " : "gaussian, beta ") +
               std::to_string(beta));
  SmallVae vae = small_vae(model);
  ReferenceVae expected(vae, model);
  const auto loss = [&] {
    const VaeLosses losses = expected.losses(x, noise);
    return losses.reconstruction + static_cast<double>(beta) * losses.kl;
  };
  vae.forward(x_batch, noise_batch);
  vae.zero_grad();
  vae.backward(beta);
  generative::expect_gradients("encoder", vae.encoder(), expected.encoder, loss);
  generative::expect_gradients("decoder", vae.decoder(), expected.decoder, loss);

  vae.forward(x_batch, noise_batch);
  vae.backward(beta);
  generative::expect_gradients("encoder, added", vae.encoder(), expected.encoder, loss, 2.0);
  generative::expect_gradients("decoder, added", vae.decoder(), expected.decoder, loss, 2.0);
}

TEST(Vae, GradientsMatchDifferencesBernoulli) {
  expect_gradients(PixelModel::bernoulli, 1.0F);
  expect_gradients(PixelModel::bernoulli, 0.0F);
}

TEST(Vae, GradientsMatchDifferencesGaussian) {
  expect_gradients(PixelModel::gaussian, 1.0F);
  expect_gradients(PixelModel::gaussian, 4.0F);
}

TEST(Vae, DivergencesAreThoseOfEachDimensionAndSumToKl) {
  SmallVae vae = small_vae();
  ReferenceVae expected(vae);
  const VaeLosses losses = vae.forward(x_batch, noise_batch);
  expected.losses(x, noise);
  const auto divergences = vae.divergences();
  EXPECT_TRUE(support::near_relative("divergences", divergences,
                                     reference::divergences(latent, expected.encoded), tolerance));
  EXPECT_EQ(std::accumulate(divergences.begin(), divergences.end(), 0.0) / images, losses.kl);
}

TEST(Vae, SameDrawSameNoise) {
  SmallVae one = small_vae(), other = small_vae();
  const VaeLosses first = one.forward(x_batch, 5);
  EXPECT_EQ(other.forward(x_batch, 5).reconstruction, first.reconstruction);
  EXPECT_NE(one.forward(x_batch, 6).reconstruction, first.reconstruction);
  EXPECT_EQ(one.forward(x_batch, 5).reconstruction, first.reconstruction);
  EXPECT_EQ(one.forward(x_batch, 6).kl, first.kl) << "noise is no part of the divergence";
}

TEST(Vae, NoiseIsThatOfItsSeed) {
  // Runs that are resumed depend on it.
  const Philox philox(Seed{1}, Stream::noise);
  Values drawn;
  for (std::size_t i = 0; i < images * latent; ++i)
    drawn.push_back(static_cast<double>(normal(philox, 5, i)));
  SmallVae vae = small_vae();
  const double expected = vae.forward(x_batch, support::batch_of<Latent>(drawn)).reconstruction;
  EXPECT_EQ(vae.forward(x_batch, 5).reconstruction, expected);
}

TEST(Vae, BothNetworksStartFromTheSeed) {
  SmallVae one(Seed{1}), same(Seed{1}), other(Seed{2});
  for (const char* name : {"0.weight", "3.weight"}) {
    EXPECT_EQ(support::values_of(one.encoder().parameter(name)),
              support::values_of(same.encoder().parameter(name)));
    EXPECT_NE(support::values_of(one.encoder().parameter(name)),
              support::values_of(other.encoder().parameter(name)));
  }
  for (const char* name : {"1.weight", "4.weight"}) {
    EXPECT_EQ(support::values_of(one.decoder().parameter(name)),
              support::values_of(same.decoder().parameter(name)));
    EXPECT_NE(support::values_of(one.decoder().parameter(name)),
              support::values_of(other.decoder().parameter(name)));
  }
}

TEST(Vae, EncodesMeansAndDecodesProbabilities) {
  SmallVae vae = small_vae();
  ReferenceVae expected(vae);
  vae.eval();
  EXPECT_FALSE(vae.training());
  EXPECT_FALSE(vae.decoder().training());
  expected.losses(x, Values(noise.size()), false);  // without noise z is the mean
  const TensorRef<Latent> means = vae.encode(x_batch);
  EXPECT_TRUE(support::near_relative("means", support::values_of(means), expected.z, tolerance));
  EXPECT_TRUE(support::near_relative("images", support::values_of(vae.decode(means)),
                                     reference::sigmoid(expected.logits), tolerance));
}

TEST(Vae, ReconstructionIsOfTheLastForward) {
  SmallVae vae = small_vae();
  ReferenceVae expected(vae);
  vae.forward(x_batch, noise_batch);
  expected.losses(x, noise);
  EXPECT_TRUE(support::near_relative("reconstruction", support::values_of(vae.reconstruction()),
                                     reference::sigmoid(expected.logits), tolerance));
}

TEST(Vae, TakesSmallerAndLargerBatches) {
  // Gradients of a batch must not depend on the sizes of those before it.
  SmallVae fresh = small_vae(), used = small_vae();
  for (const std::size_t count : {1U, 3U, 2U})
    used.forward(x_batch.images(0, count), 1);
  for (SmallVae* vae : {&fresh, &used}) {
    vae->forward(x_batch.images(1, 2), 7);
    vae->zero_grad();
    vae->backward();
  }
  EXPECT_EQ(invariants::gradient_bits(fresh.encoder()), invariants::gradient_bits(used.encoder()));
  EXPECT_EQ(invariants::gradient_bits(fresh.decoder()), invariants::gradient_bits(used.decoder()));
}

TEST(Vae, RefusesNoiseForAnotherNumberOfImages) {
  SmallVae vae = small_vae();
  const auto text = support::error_text<std::invalid_argument>(
      [&] { vae.forward(x_batch, Tensor<Latent>(images + 1)); });
  EXPECT_TRUE(support::says(text, "3 images", "noise for 4"));
}

/// Three training steps of a model large enough for threads: 200 images, 130 latent dimensions.
invariants::Bits training_bits(int threads) {
  using In = Shape<24>;
  const support::WithThreads with(threads);
  Vae<Sequential<Linear<24, 260>>, Sequential<Linear<130, 24>>, In> vae(Seed{1});
  Adam encoder_adam{vae.encoder().parameters()}, decoder_adam{vae.decoder().parameters()};
  const auto batch = support::batch_of<In>(pixels(200 * 24, 3));
  invariants::Bits bits;
  for (std::uint64_t step = 0; step < 3; ++step) {
    const VaeLosses losses = vae.forward(batch, step);
    vae.zero_grad();
    vae.backward();
    encoder_adam.step();
    decoder_adam.step();
    const auto sum = static_cast<float>(losses.sum());
    invariants::append(bits, {&sum, 1});
  }
  invariants::append(bits, vae.encoder().parameters().values);
  invariants::append(bits, vae.decoder().parameters().values);
  invariants::append(bits, vae.reconstruction().span());
  return bits;
}

TEST(Vae, ThreadsDoNotMatter) {
  const auto one = training_bits(1);
  for (const int threads : {2, 5})
    EXPECT_EQ(training_bits(threads), one) << threads << " threads";
}

}  // namespace vae_test
