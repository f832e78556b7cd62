// SPDX-License-Identifier: MIT
#pragma once
// Training on several devices beside the same on one: each replica ends with the same bits, and all of them where
// one device ends, but for rounding. To be instantiated for each backend on a device.

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/backend/device/captured_step.hpp"
#include "lamina/backend/device/data_parallel.hpp"
#include "lamina/core/meeting.hpp"
#include "lamina/data/batches.hpp"
#include "lamina/lamina.hpp"

#include "device/backend_test.hpp"
#include "device/captured_suite.hpp"
#include "device/training_suite.hpp"
#include "support/compare.hpp"
#include "support/model_values.hpp"

namespace device_suite {

template <class B>
class DeviceReplicas : public BackendTest<B> {
 protected:
  /// Whether there are so many devices; a test says so where it ends for want of them.
  static bool has(std::size_t devices) {
    if constexpr (requires { B::devices(); })
      return B::devices() >= devices;
    else
      return true;
  }

  /// What train(replica) returns, of each replica.
  template <class Train>
  static std::vector<Trained> of_each(std::size_t devices, const Train& train) {
    std::vector<Trained> results(devices);
    data_parallel<B>(devices, [&](Replica& replica) { results[replica.rank()] = train(replica); });
    return results;
  }

  /// Sums over a batch are cut elsewhere, so that they are rounded differently: on the host a few steps end up to
  /// 1e-7 apart. A device may take another algorithm for another number of images too.
  template <class Train>
  static void expect_as_on_one_device(const Train& train, double tolerance) {
    const Trained one = of_each(1, train)[0];
    for (std::size_t devices = 2; devices <= 4 && has(devices); ++devices) {
      const std::vector<Trained> all = of_each(devices, train);
      const std::string text = " on " + std::to_string(devices) + " devices";
      EXPECT_TRUE(support::near_relative("losses" + text, all[0].losses, one.losses, tolerance));
      EXPECT_TRUE(support::near_relative("state" + text, all[0].state, one.state, tolerance));
      const std::vector<Trained> again = of_each(devices, train);
      for (std::size_t rank = 0; rank < devices; ++rank) {
        EXPECT_EQ(all[rank].losses, all[0].losses) << rank << text;
        EXPECT_EQ(all[rank].state, all[0].state) << rank << text;
        EXPECT_EQ(again[rank].state, all[0].state) << "a repetition has other bits" << text;
      }
    }
    if (!has(4)) GTEST_SKIP() << "there are not the 4 devices for all of it";
  }

  /// A batch of which replica and labels have their shards.
  static Tensor<Pixels, B> images(Replica& replica, std::size_t count) {
    return {support::batch_of<Pixels>(pixels(count)), replica.shard(count)};
  }
};
TYPED_TEST_SUITE_P(DeviceReplicas);

/// Batches of 3 and in the end 2 of 11 images: of 4 replicas one or two have none.
TYPED_TEST_P(DeviceReplicas, AnAutoencoderLearnsTheSameOfADataSet) {
  using B = TypeParam;
  Dataset<Pixels> set;
  set.labels.resize(11);
  for (std::size_t i = 0; i < set.labels.size() * Pixels::size; ++i)
    set.pixels.push_back(static_cast<std::uint8_t>(i * i % 251));
  this->expect_as_on_one_device(
      [&](Replica& replica) {
        Model<SmallAutoencoder, Pixels, B> model{Seed{1}};
        SGD<B> sgd{model.parameters(), {.learning_rate = 0.05F, .momentum = 0.5F}};
        auto batches =
            batches_on<B>(set, 3, Shuffle{Seed{1}}, PixelRange::unit, {.replica = &replica});
        Trained result;
        for (int epoch = 0; epoch < 2; ++epoch) {
          for (const auto& [images, labels] : batches) {
            EXPECT_EQ(labels.size(), images.size());
            const auto output = model.forward(images);
            const auto [loss, gradient] = mse_loss(output, images, Reduction::sum);
            model.zero_grad();
            model.backward(gradient);
            result.losses.push_back(clip_grad_norm(model.parameters(), 5.0));
            sgd.step();
            result.losses.push_back(loss);
          }
          batches.restart(Shuffle{Seed{1}, epoch + 1});
        }
        result.state = state_of(model);
        return result;
      },
      2e-5);
}

TYPED_TEST_P(DeviceReplicas, AClassifierLearnsTheSame) {
  using B = TypeParam;
  using Net = Sequential<Conv2d<2, 5, 4, 2, 1, Bias::no>, BatchNorm2d<5>, ReLU, Dropout<0.3>,
                         Flatten, Linear<80, 9>>;
  static constexpr std::array<std::uint8_t, 7> labels{0, 8, 3, 3, 1, 7, 2};
  this->expect_as_on_one_device(
      [](Replica& replica) {
        Model<Net, Pixels, B> model{Seed{2}};
        SGD<B> sgd{model.parameters(), {.learning_rate = 0.1F}};
        Ema<B> ema{model.parameters(), 0.5F};
        const auto images = DeviceReplicas<B>::images(replica, labels.size());
        const auto mine = std::span{labels}.subspan(images.shard().first, images.size());
        Trained result;
        for (int step = 0; step < 4; ++step) {
          const auto logits = model.forward(images);
          const auto [loss, gradient] = cross_entropy(logits, mine);
          model.zero_grad();
          model.backward(gradient);
          sgd.step();
          ema.update();
          result.losses.push_back(loss);
          result.losses.push_back(accuracy(logits, mine));
        }
        ema.swap();
        result.state = state_of(model);
        return result;
      },
      2e-5);
}

TYPED_TEST_P(DeviceReplicas, AVaeLearnsTheSame) {
  using B = TypeParam;
  this->expect_as_on_one_device(
      [](Replica& replica) {
        Vae<VaeEncoder, VaeDecoder, Pixels, B> vae{Seed{3}};
        SGD<B> encoder{vae.encoder().parameters(), {.learning_rate = 0.01F}};
        SGD<B> decoder{vae.decoder().parameters(), {.learning_rate = 0.01F}};
        const auto images = DeviceReplicas<B>::images(replica, 6);
        Trained result;
        for (std::uint64_t step = 0; step < 3; ++step) {
          const auto losses = vae.forward(images, step);
          vae.zero_grad();
          vae.backward(0.5F);
          encoder.step();
          decoder.step();
          result.losses.push_back(losses.reconstruction);
          result.losses.push_back(losses.kl);
        }
        result.state = state_of(vae.encoder());
        for (const double value : state_of(vae.decoder()))
          result.state.push_back(value);
        return result;
      },
      2e-5);
}

TYPED_TEST_P(DeviceReplicas, AGanLearnsTheSame) {
  using B = TypeParam;
  this->expect_as_on_one_device(
      [](Replica& replica) {
        SmallGanOn<B> gan{Seed{4}};
        // DCGAN's weights are so small that it would hardly matter which latent vectors they get.
        support::randomise(gan.generator(), 6);
        support::randomise(gan.discriminator(), 7);
        const auto images = DeviceReplicas<B>::images(replica, 6);
        Trained result;
        for (std::uint64_t number = 0; number < 3; ++number) {
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
      2e-4);
}

TYPED_TEST_P(DeviceReplicas, ADiffusionModelLearnsTheSame) {
  using B = TypeParam;
  this->expect_as_on_one_device(
      [](Replica& replica) {
        Diffusion<DenoisingNet, Pixels, B> diffusion{Seed{5}, NoiseSchedule::linear(20)};
        SGD<B> sgd{diffusion.model().parameters(), {.learning_rate = 0.1F}};
        const auto images = DeviceReplicas<B>::images(replica, 5);
        Trained result;
        for (std::uint64_t step = 0; step < 3; ++step) {
          result.losses.push_back(diffusion.forward(images, step));
          diffusion.model().zero_grad();
          diffusion.backward();
          sgd.step();
        }
        result.state = state_of(diffusion.model());
        return result;
      },
      2e-5);
}

/// Gradients that add up over two batches are the sum of both batches' on each replica.
TYPED_TEST_P(DeviceReplicas, GradientsAddUp) {
  using B = TypeParam;
  this->expect_as_on_one_device(
      [](Replica& replica) {
        Model<SmallAutoencoder, Pixels, B> model{Seed{1}};
        Trained result;
        for (const std::size_t count : {5U, 7U}) {
          const auto images = DeviceReplicas<B>::images(replica, count);
          const auto [loss, gradient] = mse_loss(model.forward(images), images);
          model.backward(gradient);
          result.losses.push_back(loss);
        }
        for (const auto& tensor : model.named_parameters())
          for (const double value : support::gradient_of(tensor))
            result.state.push_back(value);
        return result;
      },
      2e-5);
}

/// What a replica does on its own: the others do not take part in a batch that is not shared.
TYPED_TEST_P(DeviceReplicas, AWholeBatchIsOneReplicasAffair) {
  using B = TypeParam;
  if (!this->has(2)) GTEST_SKIP() << "it takes 2 devices";
  const auto images = support::batch_of<Pixels>(pixels(4));
  const auto step = [&] {
    Model<SmallAutoencoder, Pixels, B> model{Seed{1}};
    const auto [loss, gradient] = mse_loss(model.forward(images), images);
    model.backward(gradient);
    return loss;
  };
  const double expected = step();
  data_parallel<B>(2, [&](Replica& replica) {
    if (replica.rank() == 1) {
      EXPECT_EQ(step(), expected);
    }
  });
}

TYPED_TEST_P(DeviceReplicas, ShardsAreAllOfABatch) {
  using B = TypeParam;
  if (!this->has(4)) GTEST_SKIP() << "it takes 4 devices";
  std::array<std::size_t, 4> begins{}, counts{};
  data_parallel<B>(4, [&](Replica& replica) {
    const Shard shard = replica.shard(6);
    begins[replica.rank()] = shard.first;
    counts[replica.rank()] = shard.images;
    EXPECT_EQ(shard.total, 6U);
    EXPECT_EQ(replica.size(), 4U);
  });
  EXPECT_EQ(begins, (std::array<std::size_t, 4>{0, 1, 3, 4}));
  EXPECT_EQ(counts, (std::array<std::size_t, 4>{1, 2, 1, 2}));
}

/// The others wait for it in a backward pass.
TYPED_TEST_P(DeviceReplicas, AnErrorOfOneReachesTheCallerAndEndsTheOthers) {
  using B = TypeParam;
  if (!this->has(2)) GTEST_SKIP() << "it takes 2 devices";
  const auto run = [](std::size_t failing_step) {
    data_parallel<B>(2, [=](Replica& replica) {
      Model<SmallAutoencoder, Pixels, B> model{Seed{1}};
      const auto images = DeviceReplicas<B>::images(replica, 4);
      for (std::size_t step = 0; step < 4; ++step) {
        if (step == failing_step && replica.rank() == 1) throw std::domain_error("full disk");
        const auto [loss, gradient] = mse_loss(model.forward(images), images);
        model.backward(gradient);
      }
    });
  };
  EXPECT_NO_THROW(run(4));
  EXPECT_THROW(run(0), std::domain_error);
  EXPECT_THROW(run(2), std::domain_error);
  EXPECT_NO_THROW(run(4)) << "and the next run is a new one";
}

TYPED_TEST_P(DeviceReplicas, OneThatMakesFewerStepsIsAnError) {
  using B = TypeParam;
  if (!this->has(2)) GTEST_SKIP() << "it takes 2 devices";
  EXPECT_THROW(data_parallel<B>(2,
                                [](Replica& replica) {
                                  const Shard shard = replica.shard(2);
                                  for (std::size_t step = 0; step < 2 + replica.rank(); ++step)
                                    EXPECT_EQ(shard.sum(1.5), 3.0);
                                }),
               ReplicaStopped);
}

TYPED_TEST_P(DeviceReplicas, CapturedStepsAreThoseOfOneDevice) {
  using B = TypeParam;
  const auto run = [](Replica& replica) {
    Training<B> training;
    training.images = DeviceReplicas<B>::images(replica, 6);
    CapturedStep<B> captured;
    for (int step = 0; step < 4; ++step)
      captured(6, [&] { return training(training.images); });
  };
  EXPECT_NO_THROW(data_parallel<B>(1, run));
  if (!this->has(2)) GTEST_SKIP() << "it takes 2 devices";
  EXPECT_THROW(data_parallel<B>(2, run), std::logic_error);
}

TYPED_TEST_P(DeviceReplicas, BatchesOfTheHostHaveNoReplica) {
  Dataset<Pixels> set;
  set.labels.resize(2);
  set.pixels.resize(2 * Pixels::size);
  data_parallel<TypeParam>(1, [&](Replica& replica) {
    EXPECT_THROW(batches(set, 2, InOrder{}, PixelRange::unit, {.replica = &replica}),
                 std::invalid_argument);
  });
}

TYPED_TEST_P(DeviceReplicas, NoDeviceIsRefused) {
  EXPECT_THROW(data_parallel<TypeParam>(0, [](Replica&) {}), std::invalid_argument);
}

REGISTER_TYPED_TEST_SUITE_P(DeviceReplicas, AnAutoencoderLearnsTheSameOfADataSet,
                            AClassifierLearnsTheSame, AVaeLearnsTheSame, AGanLearnsTheSame,
                            ADiffusionModelLearnsTheSame, GradientsAddUp,
                            AWholeBatchIsOneReplicasAffair, ShardsAreAllOfABatch,
                            AnErrorOfOneReachesTheCallerAndEndsTheOthers,
                            OneThatMakesFewerStepsIsAnError, CapturedStepsAreThoseOfOneDevice,
                            BatchesOfTheHostHaveNoReplica, NoDeviceIsRefused);

}  // namespace device_suite
