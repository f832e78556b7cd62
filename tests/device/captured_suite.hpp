// SPDX-License-Identifier: MIT
#pragma once
// Captured steps beside the same steps as they are: the same bits, figures of the step before, and what such a step
// may not do. To be instantiated for each backend on a device.

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/backend/device/captured_step.hpp"
#include "lamina/generative/gan.hpp"
#include "lamina/generative/vae.hpp"
#include "lamina/lamina.hpp"

#include "device/backend_test.hpp"
#include "device/training_suite.hpp"
#include "support/model_values.hpp"

namespace device_suite {

/// Runs a step as it is.
struct Plainly {
  template <class Step>
  auto operator()(std::size_t, const Step& step) const {
    return step();
  }
};

/// `train(run)` trains with run(images, step) for each step, and returns what came of it. The captured steps end
/// with the same bits; the figures of the first are its own, the second has none, later ones have those of the
/// step before.
template <class B, class Train>
void expect_captured_as_plain(const Train& train) {
  const Trained plain = train(Plainly{});
  CapturedStep<B> captured;
  const Trained got = train(captured);
  EXPECT_EQ(got.state, plain.state);
  const Values &figures = got.losses, &expected = plain.losses;
  ASSERT_EQ(figures.size(), expected.size());
  EXPECT_EQ(figures[0], expected[0]);
  EXPECT_TRUE(std::isnan(figures[1]));
  for (std::size_t i = 2; i < figures.size(); ++i)
    EXPECT_EQ(figures[i], expected[i - 1]) << i;
}

/// A model, its optimiser and one batch.
template <class B>
struct Training {
  Model<SmallAutoencoder, Pixels, B> model{Seed{1}};
  Adam<B> adam{model.parameters()};
  Tensor<Pixels, B> images = support::batch_of<Pixels, B>(pixels(6));

  double operator()(const TensorRef<Pixels, B>& batch) {
    const auto output = model.forward(batch);
    const auto [loss, gradient] = mse_loss(output, batch);
    model.zero_grad();
    model.backward(gradient);
    adam.step();
    return loss;
  }
};

template <class B>
class DeviceCaptured : public BackendTest<B> {};
TYPED_TEST_SUITE_P(DeviceCaptured);

/// Adam's step size and the number of dropout's draw are others in each step.
TYPED_TEST_P(DeviceCaptured, AnAutoencoderLearnsTheSame) {
  using B = TypeParam;
  expect_captured_as_plain<B>([](auto&& run) {
    Training<B> training;
    Trained result;
    for (int step = 0; step < 6; ++step)
      result.losses.push_back(
          run(training.images.size(), [&] { return training(training.images); }));
    result.state = state_of(training.model);
    return result;
  });
}

TYPED_TEST_P(DeviceCaptured, AVaeLearnsTheSame) {
  using B = TypeParam;
  using Encoder = Sequential<Conv2d<2, 6, 8>, Flatten>;
  using Decoder = Sequential<Unflatten<3, 1, 1>, ConvTranspose2d<3, 2, 8>>;
  expect_captured_as_plain<B>([](auto&& run) {
    Vae<Encoder, Decoder, Pixels, B> vae{Seed{3}};
    Adam<B> encoder{vae.encoder().parameters()}, decoder{vae.decoder().parameters()};
    const auto images = support::batch_of<Pixels, B>(pixels(6));
    Trained result;
    for (std::uint64_t step = 0; step < 5; ++step)
      result.losses.push_back(run(images.size(), [&] {
        const auto losses = vae.forward(images, step);
        vae.zero_grad();
        vae.backward();
        encoder.step();
        decoder.step();
        return losses.sum();
      }));
    result.state = state_of(vae.decoder());
    return result;
  });
}

TYPED_TEST_P(DeviceCaptured, AGanLearnsTheSame) {
  using B = TypeParam;
  expect_captured_as_plain<B>([](auto&& run) {
    SmallGanOn<B> gan{Seed{4}};
    const auto images = support::batch_of<Pixels, B>(pixels(6));
    Trained result;
    for (std::uint64_t number = 0; number < 5; ++number)
      result.losses.push_back(
          run(images.size(), [&] { return gan.step(images, number).generator_loss; }));
    result.state = state_of(gan.generator());
    return result;
  });
}

/// Labels come from the host with every step.
TYPED_TEST_P(DeviceCaptured, AClassifierLearnsTheSame) {
  using B = TypeParam;
  expect_captured_as_plain<B>([](auto&& run) {
    Model<Sequential<Flatten, Linear<128, 9>>, Pixels, B> model{Seed{2}};
    SGD<B> sgd{model.parameters(), {.learning_rate = 0.1F}};
    const auto images = support::batch_of<Pixels, B>(pixels(6));
    std::array<std::uint8_t, 6> labels{};
    Trained result;
    for (int step = 0; step < 5; ++step) {
      labels.fill(static_cast<std::uint8_t>(step));
      result.losses.push_back(run(images.size(), [&] {
        const auto logits = model.forward(images);
        const auto [loss, gradient] = cross_entropy(logits, labels);
        model.zero_grad();
        model.backward(gradient);
        sgd.step();
        return loss + accuracy(logits, labels);
      }));
    }
    result.state = state_of(model);
    return result;
  });
}

TYPED_TEST_P(DeviceCaptured, BatchSizesHaveTheirOwnGraphs) {
  using B = TypeParam;
  const auto train = [](auto&& run) {
    Training<B> training;
    const auto small = training.images.images(0, 2);
    training.model.reserve(6);
    for (int step = 0; step < 9; ++step) {
      const auto batch = step % 3 == 2 ? small : training.images;
      run(batch.size(), [&] { training(batch); });
    }
    return state_of(training.model);
  };
  CapturedStep<B> captured;
  EXPECT_EQ(train(captured), train(Plainly{}));
}

TYPED_TEST_P(DeviceCaptured, FiguresAreFetchedAsOftenAsAskedFor) {
  using B = TypeParam;
  Training<B> plain, training;
  CapturedStep<B> captured(2);
  Values expected, figures;
  for (int step = 0; step < 7; ++step) {
    expected.push_back(plain(plain.images));
    figures.push_back(captured(6, [&] { return training(training.images); }));
  }
  // The second step, and the first that is recorded, is fetched in the fourth.
  EXPECT_TRUE(std::isnan(figures[1]) && std::isnan(figures[2]));
  EXPECT_EQ((Values{figures[3], figures[4], figures[5], figures[6]}),
            (Values{expected[2], expected[2], expected[4], expected[4]}));
  EXPECT_THROW(CapturedStep<B>(0), std::invalid_argument);
}

TYPED_TEST_P(DeviceCaptured, WhatCannotBeRecordedIsRefused) {
  using B = TypeParam;
  Training<B> training;
  const auto host = support::batch_of<Pixels>(pixels(6));
  const auto refused = [&](const auto& step) {
    CapturedStep<B> captured;
    captured(6, step);
    EXPECT_THROW(captured(6, step), std::logic_error);
    // Then again as it is, recorded and run.
    for (int i = 0; i < 3; ++i)
      EXPECT_FALSE(std::isnan(training(training.images)));
  };
  refused([&] { clip_grad_norm(training.model.parameters(), 1.0); });
  refused([&] { Tensor<Pixels, B>(3); });
  refused([&] { support::values_of(training.images); });
  refused([&] { mse_loss(training.model.forward(training.images), host); });
}

TYPED_TEST_P(DeviceCaptured, AStepThatDoesSomethingElseIsRefused) {
  using B = TypeParam;
  Training<B> training;
  int more = 1;
  const auto step = [&] {
    training(training.images);
    for (int i = 0; i < more; ++i)
      training.model.zero_grad();
  };
  CapturedStep<B> captured;
  const auto run_three = [&] {
    for (int i = 0; i < 3; ++i)
      EXPECT_NO_THROW(captured(6, step));
  };
  run_three();
  for (const int other : {2, 0}) {
    more = other;
    EXPECT_THROW(captured(6, step), std::logic_error);
    more = 1;
    run_three();  // recorded anew
  }
}

TYPED_TEST_P(DeviceCaptured, AProductOfOtherMemoryIsRefused) {
  using B = TypeParam;
  using S = Shape<128>;
  Model<Sequential<Linear<128, 9>>, S, B> model{Seed{1}};
  const Tensor<S, B> batch(6), other(6);
  CapturedStep<B> captured;
  for (int i = 0; i < 3; ++i)
    captured(6, [&] { model.forward(batch); });
  EXPECT_THROW(captured(6, [&] { model.forward(other); }), std::logic_error);
}

REGISTER_TYPED_TEST_SUITE_P(DeviceCaptured, AnAutoencoderLearnsTheSame, AVaeLearnsTheSame,
                            AGanLearnsTheSame, AClassifierLearnsTheSame,
                            BatchSizesHaveTheirOwnGraphs, FiguresAreFetchedAsOftenAsAskedFor,
                            WhatCannotBeRecordedIsRefused, AStepThatDoesSomethingElseIsRefused,
                            AProductOfOtherMemoryIsRefused);

}  // namespace device_suite
