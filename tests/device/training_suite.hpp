// SPDX-License-Identifier: MIT
#pragma once
// Whole models on a backend on a device beside the same on the CPU: training steps, generative models, states
// that change sides, and batches in the host's memory. To be instantiated for each such backend.

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/data/batches.hpp"
#include "lamina/generative/diffusion.hpp"
#include "lamina/generative/gan.hpp"
#include "lamina/generative/vae.hpp"
#include "lamina/lamina.hpp"

#include "device/backend_test.hpp"
#include "support/compare.hpp"
#include "support/model_values.hpp"

namespace device_suite {

using namespace lamina;
using reference::Values;

/// Convolutions both ways, normalisation, dropout, a skip connection, matrix products of whole images. No
/// biases in front of normalisation: their gradients are rounding alone.
using Pixels = Shape<2, 8, 8>;
using SmallEncoder =
    Sequential<Conv2d<2, 6, 4, 2, 1, Bias::no>, BatchNorm2d<6>, LeakyReLU<0.2>, Dropout<0.2>,
               Residual<Conv2d<6, 6, 3, 1, 1, Bias::no>, GroupNorm<2, 6>, SiLU>, Conv2d<6, 9, 4>,
               Flatten>;
using SmallDecoder = Sequential<Unflatten<9, 1, 1>, ConvTranspose2d<9, 6, 4, 1, 0, 0, Bias::no>,
                                BatchNorm2d<6>, ReLU, ConvTranspose2d<6, 2, 4, 2, 1>, Sigmoid>;
using SmallAutoencoder = Sequential<SmallEncoder, SmallDecoder>;

using VaeEncoder = Sequential<Conv2d<2, 5, 4, 2, 1>, Tanh, Conv2d<5, 6, 4>, Flatten>;
using VaeDecoder =
    Sequential<Unflatten<3, 1, 1>, ConvTranspose2d<3, 5, 4>, Tanh, ConvTranspose2d<5, 2, 4, 2, 1>>;

using DenoisingNet = Sequential<Conv2d<2, 8, 3, 1, 1>, AddCondition<8, 8>, SiLU,
                                Concat<Identity, Sequential<MaxPool2d<2>, Conv2d<8, 8, 3, 1, 1>,
                                                            GroupNorm<2, 8>, SiLU, Upsample<2>>>,
                                Conv2d<16, 2, 3, 1, 1>>;

inline Values pixels(std::size_t images) {
  Values values = support::random_values(images * Pixels::size, 5);
  for (double& value : values)
    value = static_cast<float>(0.5 + 0.5 * value);
  return values;
}

/// All parameters and running statistics, one behind the other.
template <class M>
Values state_of(M& model) {
  Values all;
  for (const auto& tensor : model.state().tensors)
    for (const double value : support::values_of(tensor))
      all.push_back(value);
  return all;
}

/// The loss of each of some steps of an optimiser, and the state behind them.
struct Trained {
  Values losses;
  Values state;
};

/// `run` returns what a backend's model came to. Each step feeds its roundings, 1e-6 of the sums in it, to the
/// next; batch statistics of a few images make some more of them.
template <class B, class Run>
void expect_as_on_the_cpu(const Run& run, double tolerance = 5e-5) {
  const Trained got = run(std::type_identity<B>{});
  const Trained expected = run(std::type_identity<Cpu>{});
  EXPECT_TRUE(support::near_relative("losses", got.losses, expected.losses, tolerance));
  EXPECT_TRUE(support::near_relative("state", got.state, expected.state, tolerance));
  EXPECT_EQ(run(std::type_identity<B>{}).state, got.state) << "a repetition has other bits";
}

template <class B>
class DeviceTraining : public BackendTest<B> {};
TYPED_TEST_SUITE_P(DeviceTraining);

TYPED_TEST_P(DeviceTraining, AnAutoencoderLearnsTheSame) {
  expect_as_on_the_cpu<TypeParam>([]<class B>(std::type_identity<B>) {
    Model<SmallAutoencoder, Pixels, B> model{Seed{1}};
    SGD<B> sgd{model.parameters(), {.learning_rate = 0.05F, .momentum = 0.5F}};
    const auto images = support::batch_of<Pixels, B>(pixels(7));
    Trained result;
    for (int step = 0; step < 5; ++step) {
      const auto output = model.forward(images);
      const auto [loss, gradient] = mse_loss(output, images, Reduction::sum);
      model.zero_grad();
      model.backward(gradient);
      clip_grad_norm(model.parameters(), 5.0);
      sgd.step();
      result.losses.push_back(loss);
    }
    result.state = state_of(model);
    return result;
  });
}

TYPED_TEST_P(DeviceTraining, AnAutoencoderOfBFloat16LearnsAlmostTheSame) {
  expect_as_on_the_cpu<TypeParam>(
      []<class B>(std::type_identity<B>) {
        Model<SmallAutoencoder, Pixels, B, Precision::bfloat16> model{Seed{1}};
        Adam<B> adam{model.parameters(), {.learning_rate = 0.002F}};
        const auto images = support::batch_of<Pixels, B>(pixels(7));
        Trained result;
        for (int step = 0; step < 5; ++step) {
          const auto output = model.forward(images);
          const auto [loss, gradient] = mse_loss(output, images);
          model.zero_grad();
          model.backward(gradient);
          adam.step();
          result.losses.push_back(loss);
        }
        result.state = state_of(model);
        return result;
      },
      0.02);
}

TYPED_TEST_P(DeviceTraining, BatchNormFoldsIntoTheWeights) {
  Model<SmallAutoencoder, Pixels, TypeParam> model{Seed{1}};
  const auto images = support::batch_of<Pixels, TypeParam>(pixels(7));
  model.forward(images);  // running statistics other than those of the start
  model.eval();
  auto folded = fold_batch_norm(model);
  const Values expected = support::values_of(model.forward(images));
  EXPECT_TRUE(
      support::near_relative("output", support::values_of(folded.forward(images)), expected, 1e-5));
}

/// Everything that a training step leaves behind, with activations in the step of the layer in front or apart.
template <class B, Precision P>
Values step_with_activations(bool fused) {
  using Net = Sequential<Conv2d<2, 6, 3, 1, 1>, ReLU, Conv2d<6, 5, 3, 1, 1, Bias::no>, Sigmoid,
                         BatchNorm2d<5>, LeakyReLU<0.2>, ConvTranspose2d<5, 4, 4, 2, 1>, Tanh,
                         Flatten, Linear<1024, 7>, Tanh, Linear<7, 3, Bias::no>, ReLU>;
  Model<Net, Pixels, B, P> model{Seed{1}};
  model.fuse_activations(fused);
  const auto images = support::batch_of<Pixels, B>(pixels(4));
  const auto output = model.forward(images);
  model.backward(output);
  Values all = support::values_of(output);
  for (const auto& tensor : model.named_parameters())
    for (const double gradient : support::gradient_of(tensor))
      all.push_back(gradient);
  return all;
}

TYPED_TEST_P(DeviceTraining, FusedActivationsHaveTheSameBits) {
  using B = TypeParam;
  static_assert(B::fuses_activations);
  EXPECT_EQ((step_with_activations<B, Precision::float32>(true)),
            (step_with_activations<B, Precision::float32>(false)));
  EXPECT_EQ((step_with_activations<B, Precision::bfloat16>(true)),
            (step_with_activations<B, Precision::bfloat16>(false)));
}

TYPED_TEST_P(DeviceTraining, AClassifierLearnsTheSame) {
  using Net = Sequential<Flatten, Linear<128, 33>, ReLU, Linear<33, 9>>;
  static constexpr std::array<std::uint8_t, 6> labels{0, 8, 3, 3, 1, 7};
  expect_as_on_the_cpu<TypeParam>([]<class B>(std::type_identity<B>) {
    Model<Net, Pixels, B> model{Seed{2}};
    AdamW<B> adam{model.parameters(), {.learning_rate = 0.01F}};
    Ema<B> ema{model.parameters(), 0.5F};
    const auto images = support::batch_of<Pixels, B>(pixels(labels.size()));
    Trained result;
    for (int step = 0; step < 5; ++step) {
      const auto logits = model.forward(images);
      const auto [loss, gradient] = cross_entropy(logits, labels);
      model.zero_grad();
      model.backward(gradient);
      adam.step();
      ema.update();
      result.losses.push_back(loss);
      result.losses.push_back(accuracy(logits, labels));
    }
    ema.swap();
    result.state = state_of(model);
    return result;
  });
}

TYPED_TEST_P(DeviceTraining, AVaeLearnsTheSame) {
  expect_as_on_the_cpu<TypeParam>([]<class B>(std::type_identity<B>) {
    Vae<VaeEncoder, VaeDecoder, Pixels, B> vae{Seed{3}};
    SGD<B> encoder{vae.encoder().parameters(), {.learning_rate = 0.01F}};
    SGD<B> decoder{vae.decoder().parameters(), {.learning_rate = 0.01F}};
    const auto images = support::batch_of<Pixels, B>(pixels(6));
    Trained result;
    for (std::uint64_t step = 0; step < 4; ++step) {
      const auto losses = vae.forward(images, step);
      vae.zero_grad();
      vae.backward(0.5F);
      encoder.step();
      decoder.step();
      result.losses.push_back(losses.reconstruction);
      result.losses.push_back(losses.kl);
    }
    result.state = state_of(vae.encoder());
    for (const double value : support::values_of(vae.decode(vae.encode(images))))
      result.state.push_back(value);
    return result;
  });
}

template <class B>
using SmallGanOn = Gan<Sequential<ConvTranspose2d<5, 6, 4, 1, 0, 0, Bias::no>, BatchNorm2d<6>, ReLU,
                                  ConvTranspose2d<6, 2, 4, 2, 1>, Tanh>,
                       Sequential<Conv2d<2, 4, 4, 2, 1>, LeakyReLU<0.2>, Conv2d<4, 1, 4>>,
                       Shape<5, 1, 1>, Pixels, B>;

TYPED_TEST_P(DeviceTraining, AGanLearnsTheSame) {
  for (const GanLoss loss : {GanLoss::non_saturating, GanLoss::wasserstein, GanLoss::hinge}) {
    expect_as_on_the_cpu<TypeParam>(
        [=]<class B>(std::type_identity<B>) {
          SmallGanOn<B> gan{Seed{4}, {.loss = loss, .clip = 0.03F}};
          const auto images = support::batch_of<Pixels, B>(pixels(6));
          Trained result;
          for (std::uint64_t number = 0; number < 4; ++number) {
            const GanStep step = gan.step(images, number);
            for (const double figure : {step.discriminator_loss, step.generator_loss, step.real,
                                        step.fake, step.fake_after, step.accuracy})
              result.losses.push_back(figure);
          }
          result.state = state_of(gan.discriminator());
          for (const double value : state_of(gan.generator()))
            result.state.push_back(value);
          return result;
        },
        // Adam divides by the size of a gradient, so that small ones bring their rounding along.
        2e-3);
  }
}

TYPED_TEST_P(DeviceTraining, ADiffusionModelLearnsAndDrawsTheSame) {
  expect_as_on_the_cpu<TypeParam>([]<class B>(std::type_identity<B>) {
    Diffusion<DenoisingNet, Pixels, B> diffusion{Seed{5}, NoiseSchedule::linear(20)};
    SGD<B> sgd{diffusion.model().parameters(), {.learning_rate = 0.1F}};
    const auto images = support::batch_of<Pixels, B>(pixels(5));
    Trained result;
    for (std::uint64_t step = 0; step < 4; ++step) {
      result.losses.push_back(diffusion.forward(images, step));
      diffusion.model().zero_grad();
      diffusion.backward();
      sgd.step();
    }
    result.state = state_of(diffusion.model());
    for (const double value : support::values_of(diffusion.sample(3, {.steps = 4, .eta = 1.0}, 9)))
      result.state.push_back(value);
    return result;
  });
}

TYPED_TEST_P(DeviceTraining, StatesChangeSides) {
  using B = TypeParam;
  Model<SmallAutoencoder, Pixels> host{Seed{1}};
  Model<SmallAutoencoder, Pixels, B> there{Seed{2}}, started{Seed{1}};
  EXPECT_EQ(state_of(started), state_of(host)) << "they start differently";
  support::randomise(host, 8);
  const auto from = host.state();
  const auto to = there.state();
  for (std::size_t i = 0; i < from.tensors.size(); ++i) {
    std::vector<float> values(from.tensors[i].size());
    from.tensors[i].read(values);
    auto tensor = to.tensors[i];
    EXPECT_EQ(tensor.name(), from.tensors[i].name());
    tensor.write(values);
  }
  EXPECT_EQ(state_of(there), state_of(host));
  host.eval();
  there.eval();
  const auto images = support::batch_of<Pixels>(pixels(3));
  EXPECT_TRUE(support::near_relative("output", support::values_of(there.forward(images)),
                                     support::values_of(host.forward(images)), 5e-6));
}

TYPED_TEST_P(DeviceTraining, BatchesOfTheHostAreTaken) {
  using B = TypeParam;
  const auto host = support::batch_of<Pixels>(pixels(4));
  const Tensor<Pixels, B> there{host};
  EXPECT_EQ(support::values_of(there), support::values_of(host));
  EXPECT_EQ(support::values_of(Tensor<Pixels>{there}), support::values_of(host));
  EXPECT_EQ(support::values_of(Tensor<Pixels, B>{there}), support::values_of(host)) << "a copy";
  EXPECT_EQ(support::values_of(Tensor<Pixels, B>{host.array()}), support::values_of(host));

  const auto step = [&](const auto& images, const auto& targets) {
    Model<SmallAutoencoder, Pixels, B> model{Seed{1}};
    const auto output = model.forward(images);
    const auto [loss, gradient] = mse_loss(output, targets);
    model.backward(gradient);
    Values result{loss};
    for (const auto& tensor : model.named_parameters())
      for (const double value : support::gradient_of(tensor))
        result.push_back(value);
    return result;
  };
  const Values expected = step(there, there);
  EXPECT_EQ(step(host, host), expected);
  EXPECT_EQ(step(host.array(), there), expected);
  EXPECT_EQ(step(there, host), expected);
}

TYPED_TEST_P(DeviceTraining, BatchesOfADataSetAreMadeOnTheDevice) {
  using B = TypeParam;
  Dataset<Pixels> set;
  constexpr std::size_t count = 23;
  for (std::size_t i = 0; i < count * Pixels::size; ++i)
    set.pixels.push_back(static_cast<std::uint8_t>(i * 97 % 251));
  for (std::size_t i = 0; i < count; ++i)
    set.labels.push_back(static_cast<std::uint8_t>(i));
  for (const PixelRange range : {PixelRange::unit, PixelRange::symmetric}) {
    auto host = batches(set, 5, InOrder{}, range);
    auto there = batches_on<B>(set, 5, InOrder{}, range);
    for (const BatchOrder& order : {BatchOrder{InOrder{}}, BatchOrder{Shuffle{Seed{3}, 2}}}) {
      host.restart(order, 1);
      there.restart(order, 1);
      auto expected = host.begin();
      std::size_t seen = 0;
      for (const auto& [images, labels] : there) {
        EXPECT_EQ(support::values_of(images), support::values_of((*expected).images));
        EXPECT_TRUE(std::ranges::equal(labels, (*expected).labels));
        ++expected;
        ++seen;
      }
      EXPECT_EQ(seen, 4U) << "all but the first, the last of them smaller";
    }
  }
}

TYPED_TEST_P(DeviceTraining, WrongSizesAreRefused) {
  using B = TypeParam;
  const Tensor<Pixels, B> there(2);
  std::vector<float> room(Pixels::size);
  EXPECT_THROW(there.read(room), std::invalid_argument);
  Model<SmallAutoencoder, Pixels, B> model;
  EXPECT_THROW(model.forward(Tensor<Pixels>(0)), std::invalid_argument);
  const auto output = model.forward(there);
  EXPECT_THROW(mse_loss(output, Tensor<Pixels>(1)), std::invalid_argument);
}

TYPED_TEST_P(DeviceTraining, MemoryOfADeviceIsNoArray) {
  static_assert(!HostBackend<TypeParam> && HostBackend<Cpu>);
  static_assert(!requires(Tensor<Pixels, TypeParam> batch) { batch.array(); });
  static_assert(requires(Tensor<Pixels> batch) { batch.array(); });
}

REGISTER_TYPED_TEST_SUITE_P(DeviceTraining, AnAutoencoderLearnsTheSame,
                            AnAutoencoderOfBFloat16LearnsAlmostTheSame,
                            BatchNormFoldsIntoTheWeights, FusedActivationsHaveTheSameBits,
                            AClassifierLearnsTheSame, AVaeLearnsTheSame, AGanLearnsTheSame,
                            ADiffusionModelLearnsAndDrawsTheSame, StatesChangeSides,
                            BatchesOfTheHostAreTaken, BatchesOfADataSetAreMadeOnTheDevice,
                            WrongSizesAreRefused, MemoryOfADeviceIsNoArray);

}  // namespace device_suite
