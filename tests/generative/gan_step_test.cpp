// SPDX-License-Identifier: MIT
// The numbers of a Gan's step: losses, all gradients, statistics and both updates against the same
// step in double precision, for each kind of loss.

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/generative/gan.hpp"
#include "lamina/lamina.hpp"

#include "generative/checks.hpp"
#include "generative/small_gan.hpp"
#include "reference/optim.hpp"

namespace generative {
namespace {

/// One step of D and of G: D's gradients are those of both halves of its loss at the parameters before,
/// and G's step has added nothing to them; G's are through D as it is afterwards.
void expect_step(const GanOptions& options) {
  SCOPED_TRACE(name_of(options.loss));
  SmallGan gan = small_gan(options);
  ReferenceGan expected(gan);
  const auto real_label = static_cast<double>(options.real_label);
  const auto discriminator_loss = [&] {
    return expected.discriminator_loss(options.loss, real_label);
  };
  const auto generator_loss = [&] { return expected.generator_loss(options.loss); };
  const double loss_before = discriminator_loss();
  const Values logits_real = expected.judge(real), logits_fake = expected.judge(expected.fake());

  const GanStep step = gan.step(real_batch, z_batch, 0);
  EXPECT_NEAR(step.discriminator_loss, loss_before, tolerance);
  generative::expect_gradients("discriminator", gan.discriminator(), expected.discriminator,
                               discriminator_loss);
  EXPECT_NEAR(step.real, mean_of(reference::sigmoid(logits_real)), tolerance);
  EXPECT_NEAR(step.fake, mean_of(reference::sigmoid(logits_fake)), tolerance);
  const auto above_zero = [](const Values& logits) {
    return static_cast<double>(
        std::ranges::count_if(logits, [](double logit) { return logit > 0; }));
  };
  EXPECT_EQ(step.accuracy,
            (above_zero(logits_real) + images - above_zero(logits_fake)) / (2.0 * images));

  support::copy_state(gan.discriminator(), expected.discriminator);  // the updated one
  EXPECT_NEAR(step.generator_loss, generator_loss(), tolerance);
  EXPECT_NEAR(step.fake_after, mean_of(reference::sigmoid(expected.judge(expected.fake()))),
              tolerance);
  generative::expect_gradients("generator", gan.generator(), expected.generator, generator_loss);
}

TEST(Gan, NonSaturatingStepMatchesDifferences) {
  expect_step({});
}

TEST(Gan, NonSaturatingStepWithSmoothLabelsMatchesDifferences) {
  expect_step({.real_label = 0.9F});
}

TEST(Gan, WassersteinStepMatchesDifferences) {
  expect_step({.loss = GanLoss::wasserstein, .clip = 0.3F});
}

TEST(Gan, HingeStepMatchesDifferences) {
  expect_step({.loss = GanLoss::hinge});
}

TEST(Gan, TheTestedImagesAreOnAllSides) {
  // Or the steps above would not see where hinge ends, nor what accuracy counts.
  SmallGan gan = small_gan({});
  ReferenceGan expected(gan);
  const Values of_real = expected.judge(real), of_fake = expected.judge(expected.fake());
  const auto count = [](const Values& logits, double low, double high) {
    return std::ranges::count_if(logits, [=](double v) { return low < v && v < high; });
  };
  EXPECT_GT(count(of_real, 1.01, 9.0), 0) << "right by one: no part of hinge";
  EXPECT_GT(count(of_fake, -9.0, -1.01), 0) << "right by one: no part of hinge";
  EXPECT_GT(count(of_real, -9.0, -0.01), 0) << "wrong";
  EXPECT_GT(count(of_fake, 0.01, 9.0), 0) << "wrong";
}

TEST(Gan, StatisticsAreOfRealAndFakeImagesApart) {
  // D's running statistics have seen three batches one after the other: real, fake, and in G's step
  // the same fake ones with the new weights. 4e-6: three passes' rounding, as above.
  SmallGan gan = small_gan({});
  ReferenceGan expected(gan);
  expected.judge(real);
  expected.judge(expected.fake());
  gan.step(real_batch, z_batch, 0);
  const auto tensors = gan.discriminator().named_parameters();
  const auto parameters = expected.discriminator.parameters();
  for (std::size_t i = 0; i < tensors.size(); ++i)
    *parameters[i].value = support::values_of(tensors[i]);
  expected.judge(expected.fake());
  const reference::Moments& running = expected.discriminator.layers()[3].running;
  EXPECT_TRUE(support::near_relative(
      "running mean", support::values_of(gan.discriminator().buffer("3.running_mean")),
      running.mean, 4e-6));
  EXPECT_TRUE(support::near_relative(
      "running variance", support::values_of(gan.discriminator().buffer("3.running_var")),
      running.variance, 4e-6));
  EXPECT_EQ(*gan.discriminator().state().counters.at(0).value, 3);
  EXPECT_EQ(*gan.generator().state().counters.at(0).value, 1);
}

/// A model's parameters after an update with its gradients, each tensor by an Adam of its own. An
/// update is the rate times a ratio that float32 computes to 1e-6; what it is added to rounds by 6e-8
/// of 1.
template <class M>
void expect_update(const char* name, M& model, const std::vector<Values>& before, double rate,
                   double most) {
  const auto tensors = model.named_parameters();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    Values expected = before[i];
    reference::Adam adam({.learning_rate = rate, .beta1 = 0.25, .beta2 = double{0.99F}});
    adam.step(expected, support::gradient_of(tensors[i]));
    for (double& value : expected)
      value = std::clamp(value, -most, most);
    EXPECT_TRUE(support::near_scaled(std::string(name) + " " + tensors[i].name(),
                                     support::values_of(tensors[i]), expected, 1e-7, 1.0));
  }
}

template <class M>
std::vector<Values> parameters_of(M& model) {
  std::vector<Values> all;
  for (const auto& tensor : model.named_parameters())
    all.push_back(support::values_of(tensor));
  return all;
}

TEST(Gan, BothLearnWithAdamsOfTheOptions) {
  for (const GanLoss loss : {GanLoss::non_saturating, GanLoss::wasserstein, GanLoss::hinge}) {
    SCOPED_TRACE(name_of(loss));
    SmallGan gan = small_gan({.loss = loss,
                              .discriminator_learning_rate = 0.0625F,
                              .generator_learning_rate = 0.03125F,
                              .beta1 = 0.25F,
                              .beta2 = 0.99F,
                              .clip = 0.25F});
    const auto discriminator = parameters_of(gan.discriminator());
    const auto generator = parameters_of(gan.generator());
    gan.step(real_batch, z_batch, 0);
    const double most = loss == GanLoss::wasserstein ? 0.25 : 1e9;
    expect_update("discriminator", gan.discriminator(), discriminator, 0.0625, most);
    expect_update("generator", gan.generator(), generator, 0.03125, 1e9);
  }
}

}  // namespace
}  // namespace generative
