// SPDX-License-Identifier: MIT
// Gan: whose turn it is, the bound of a Wasserstein critic, latent vectors, the start, options, and
// the same bits for any number of threads. gan_step_test.cpp has the numbers of a step.

#include "lamina/generative/gan.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "generative/checks.hpp"
#include "generative/small_gan.hpp"
#include "invariants/training.hpp"
#include "support/error_text.hpp"

namespace generative {
namespace {

using invariants::bits_of;

TEST(Gan, WassersteinStepsKeepWeightsWithinTheBound) {
  SmallGan gan = small_gan({.loss = GanLoss::wasserstein, .clip = 0.01F});
  for (std::uint64_t number = 0; number < 3; ++number) {
    gan.step(real_batch, number);
    for (const auto& tensor : gan.discriminator().named_parameters())
      EXPECT_LE(support::max_abs(support::values_of(tensor)), double{0.01F}) << tensor.name();
    EXPECT_GT(support::max_abs(support::values_of(gan.generator().parameter("0.weight"))), 0.1)
        << "the generator's are not clipped";
  }
}

TEST(Gan, TheGeneratorsStepLeavesTheDiscriminatorsGradients) {
  // To the bit those of a step in which the generator has no turn.
  SmallGan both = small_gan({}), alone = small_gan({.discriminator_steps = 2});
  both.step(real_batch, z_batch, 0);
  alone.step(real_batch, z_batch, 0);
  EXPECT_EQ(invariants::gradient_bits(both.discriminator()),
            invariants::gradient_bits(alone.discriminator()));
}

TEST(Gan, GeneratorHasEveryThirdTurn) {
  SmallGan gan = small_gan({.discriminator_steps = 3});
  GanStep before;
  for (std::uint64_t number = 0; number < 6; ++number) {
    const auto generator = invariants::parameter_bits(gan.generator());
    const auto discriminator = invariants::parameter_bits(gan.discriminator());
    const GanStep step = gan.step(real_batch, number);
    const bool turn = number % 3 == 2;
    EXPECT_EQ(invariants::parameter_bits(gan.generator()) != generator, turn) << number;
    EXPECT_NE(invariants::parameter_bits(gan.discriminator()), discriminator) << number;
    EXPECT_EQ(step.generator_loss != before.generator_loss, turn) << "that of its last turn";
    EXPECT_EQ(step.fake_after != before.fake_after, turn);
    EXPECT_NE(step.discriminator_loss, before.discriminator_loss);
    before = step;
  }
}

TEST(Gan, LatentVectorsAreThoseOfSeedAndNumber) {
  // Runs that are resumed depend on it.
  const Philox philox(Seed{1}, Stream::latent);
  Values drawn;
  for (std::size_t i = 0; i < images * Latent::size; ++i)
    drawn.push_back(static_cast<double>(normal(philox, 9, i)));
  SmallGan given = small_gan({}), drawing = small_gan({}), other = small_gan({});
  const double loss =
      given.step(real_batch, support::batch_of<Latent>(drawn), 9).discriminator_loss;
  EXPECT_EQ(drawing.step(real_batch, 9).discriminator_loss, loss);
  EXPECT_NE(other.step(real_batch, 10).discriminator_loss, loss);
}

TEST(Gan, GeneratesInTheModeOfTheGenerator) {
  SmallGan gan = small_gan({});
  ReferenceGan expected(gan);
  for (const bool training : {false, true}) {
    gan.generator().train(training);
    EXPECT_TRUE(support::near_relative("images", support::values_of(gan.generate(z_batch)),
                                       expected.generator.forward(z, images, training), tolerance));
  }
}

TEST(Gan, SmoothLabelsAreForLogarithmsOnly) {
  for (const GanLoss loss : {GanLoss::wasserstein, GanLoss::hinge}) {
    SmallGan one = small_gan({.loss = loss}),
             smooth = small_gan({.loss = loss, .real_label = 0.9F});
    EXPECT_EQ(one.step(real_batch, 0).discriminator_loss,
              smooth.step(real_batch, 0).discriminator_loss);
    EXPECT_EQ(bits_of(one.discriminator().state()), bits_of(smooth.discriminator().state()));
  }
}

/// Mean, standard deviation, and the share of values within one deviation of 0.02 of `centre`.
struct Spread {
  double mean, deviation, inner;
};
Spread spread_of(const Values& values, double centre) {
  double sum = 0.0, squares = 0.0, inner = 0.0;
  for (const double value : values) {
    sum += value - centre;
    squares += (value - centre) * (value - centre);
    inner += std::abs(value - centre) < 0.02 ? 1.0 : 0.0;
  }
  const auto count = static_cast<double>(values.size());
  return {centre + sum / count, std::sqrt(squares / count), inner / count};
}

TEST(InitialiseDcgan, DrawsTheNormalNumbersOfThePaper) {
  using Net = Sequential<ConvTranspose2d<16, 512, 1>, BatchNorm2d<512>, ReLU, Conv2d<512, 16, 1>>;
  using M = Model<Net, Shape<16, 1, 1>>;
  M model{Seed{1}}, torch{Seed{1}};
  initialise_dcgan(model, Seed{1});
  for (const char* name : {"0.weight", "1.weight", "3.weight"}) {
    const Values values = support::values_of(model.parameter(name));
    const double centre = name[0] == '1' ? 1.0 : 0.0;
    // Within four standard errors: deviation / sqrt(n), deviation / sqrt(2 n), and that of a share of
    // 68.27 %, which 0.6 is far from for the uniform numbers of the same deviation (57.7 %).
    const double error = 0.02 / std::sqrt(static_cast<double>(values.size()));
    const auto [mean, deviation, inner] = spread_of(values, centre);
    EXPECT_NEAR(mean, centre, 4 * error) << name;
    EXPECT_NEAR(deviation, 0.02, 4 * error / std::sqrt(2.0)) << name;
    EXPECT_NEAR(inner, 0.6827, 4 * 0.466 * error / 0.02) << name;
  }
  for (const char* name : {"0.bias", "1.bias", "3.bias"})
    EXPECT_EQ(support::values_of(model.parameter(name)), support::values_of(torch.parameter(name)))
        << "biases stay";
}

TEST(Gan, StartsAsADcganOfItsSeed) {
  SmallGan one(Seed{1}), same(Seed{1}), other(Seed{2});
  const auto weights = [](SmallGan& gan, const char* name) {
    return support::values_of(gan.generator().parameter(name));
  };
  EXPECT_EQ(weights(one, "0.weight"), weights(same, "0.weight"));
  EXPECT_NE(weights(one, "0.weight"), weights(other, "0.weight"));
  // 480 values: 0.02 within four of its standard errors of 0.02 / sqrt(960).
  EXPECT_NEAR(spread_of(weights(one, "0.weight"), 0.0).deviation, 0.02, 4 * 0.02 / 31);
  const Values scale = support::values_of(one.discriminator().parameter("3.weight"));
  EXPECT_NE(scale, Values(6, 1.0)) << "normalisation's weights are drawn too";
  EXPECT_NEAR(mean_of(scale), 1.0, 4 * 0.02 / 2.4);
}

TEST(Gan, RefusesOptionsOutOfRange) {
  const auto text_of = [](const GanOptions& options) {
    return support::error_text<std::invalid_argument>([&] { SmallGan(Seed{1}, options); });
  };
  using support::says;
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(says(text_of({.discriminator_steps = 0}), "at least 1 discriminator step", "got 0"));
  EXPECT_TRUE(says(text_of({.real_label = 0.0F}), "label of real images", "above 0", "got 0"));
  EXPECT_TRUE(says(text_of({.real_label = 1.5F}), "at most 1", "got 1.5"));
  EXPECT_TRUE(says(text_of({.real_label = nan}), "label of real images", "nan"));
  EXPECT_TRUE(says(text_of({.clip = 0.0F}), "clipped to a bound above 0", "got 0"));
  EXPECT_TRUE(says(text_of({.clip = -0.5F}), "clipped to a bound above 0", "got -0.5"));
  EXPECT_TRUE(says(text_of({.beta1 = 1.0F}), "betas in [0, 1)"));
  EXPECT_TRUE(says(text_of({.generator_learning_rate = -1.0F}), "learning rate", "-1"));
}

TEST(Gan, RefusesLatentVectorsForAnotherNumberOfImages) {
  SmallGan gan = small_gan({});
  const auto text = support::error_text<std::invalid_argument>(
      [&] { gan.step(real_batch, Tensor<Latent>(images + 1), 0); });
  EXPECT_TRUE(support::says(text, "5 images", "6 latent vectors"));
}

/// Three steps of a model large enough for threads; the generator's numbers from 64 x 64 values on.
invariants::Bits training_bits(GanLoss loss, int threads) {
  using Big = Gan<Sequential<ConvTranspose2d<64, 16, 4>, BatchNorm2d<16>, ReLU,
                             ConvTranspose2d<16, 1, 4, 2, 1>, Tanh>,
                  Sequential<Conv2d<1, 16, 4, 2, 1>, LeakyReLU<0.2>, Conv2d<16, 32, 4, 2, 1>,
                             BatchNorm2d<32>, LeakyReLU<0.2>, Conv2d<32, 1, 2>>,
                  Shape<64, 1, 1>, Image>;
  const support::WithThreads with(threads);
  Big gan(Seed{1}, {.loss = loss});
  const auto batch = support::batch_of<Image>(support::random_values(64 * Image::size, 3));
  invariants::Bits bits;
  for (std::uint64_t number = 0; number < 3; ++number) {
    const GanStep step = gan.step(batch, number);
    for (const double figure : {step.discriminator_loss, step.generator_loss, step.real, step.fake,
                                step.fake_after, step.accuracy}) {
      const auto value = static_cast<float>(figure);
      invariants::append(bits, {&value, 1});
    }
  }
  for (const auto& state : {gan.generator().state(), gan.discriminator().state(),
                            gan.generator_adam().state(), gan.discriminator_adam().state()}) {
    const auto more = bits_of(state);
    bits.insert(bits.end(), more.begin(), more.end());
  }
  return bits;
}

TEST(Gan, ThreadsDoNotMatter) {
  for (const GanLoss loss : {GanLoss::non_saturating, GanLoss::wasserstein, GanLoss::hinge}) {
    const auto one = training_bits(loss, 1);
    for (const int threads : {2, 5})
      EXPECT_EQ(training_bits(loss, threads), one) << name_of(loss) << ", " << threads;
  }
}

}  // namespace
}  // namespace generative
