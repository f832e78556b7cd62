// SPDX-License-Identifier: MIT
// Model: what it refuses, its parts, modes, inputs of every kind, and which gradients it computes.

#include <cstddef>
#include <stdexcept>
#include <utility>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "model/networks.hpp"
#include "support/error_text.hpp"
#include "support/model_check.hpp"

namespace model_test {

using namespace lamina;
using reference::Values;
using support::ConvImage;
using support::ConvModel;
using support::FcImage;
using support::FcModel;

template <class M>
auto images_for(M&, std::size_t images, std::uint32_t seed = 1) {
  using S = typename M::input_shape;
  return support::batch_of<S>(support::random_values(images * S::size, seed));
}

TEST(Model, BackwardWithoutForwardThrows) {
  FcModel model{Seed{1}};
  const Tensor<FcImage> gradient(2);
  EXPECT_TRUE(
      support::says(support::error_text<std::invalid_argument>([&] { model.backward(gradient); }),
                    "needs a forward"));
  EXPECT_TRUE(
      support::says(support::error_text<std::invalid_argument>([&] { model.input_gradient(); }),
                    "needs a backward"));
}

TEST(Model, BackwardAfterAPartThrows) {
  FcModel model{Seed{1}};
  const auto images = images_for(model, 2);
  const Tensor<FcImage> gradient(model.forward(images));
  model.forward_part<0>(images);
  EXPECT_TRUE(
      support::says(support::error_text<std::invalid_argument>([&] { model.backward(gradient); }),
                    "whole model"));
}

TEST(Model, BackwardForAnotherNumberOfImagesThrowsAndAddsNothing) {
  FcModel model{Seed{1}};
  model.zero_grad();
  const auto images = images_for(model, 3);
  model.forward(images);
  EXPECT_TRUE(support::says(
      support::error_text<std::invalid_argument>([&] { model.backward(Tensor<FcImage>(2)); }),
      "for 2 images", "had 3"));
  EXPECT_EQ(support::max_abs(model.parameters().gradients), 0.0);
}

TEST(Model, ForwardOfNoImagesThrows) {
  FcModel model{Seed{1}};
  EXPECT_TRUE(support::says(
      support::error_text<std::invalid_argument>([&] { model.forward(Tensor<FcImage>()); }),
      "at least one image"));
}

TEST(Model, PartsEqualTheWhole) {
  ConvModel model{Seed{1}};
  support::randomise(model, 1);
  model.eval();
  const auto images = images_for(model, 3);
  const Values whole = support::values_of(model.forward(images));
  const Tensor<Shape<12>> latent(model.forward_part<0>(images));
  EXPECT_EQ(support::values_of(model.forward_part<1>(latent)), whole);
  // Straight from one part to the other as well.
  EXPECT_EQ(support::values_of(model.forward_part<1>(model.forward_part<0>(images))), whole);
}

TEST(Model, PartsRunAtOtherBatchSizes) {
  ConvModel model{Seed{1}}, fresh{Seed{1}};
  model.eval();
  fresh.eval();
  const auto many = images_for(model, 5);
  model.forward(many);
  const auto latents = support::batch_of<Shape<12>>(support::random_values(9 * 12, 1));
  const Values nine = support::values_of(model.forward_part<1>(latents));
  EXPECT_EQ(nine, support::values_of(fresh.forward_part<1>(latents)));
  const Values one = support::values_of(model.forward_part<1>(latents.images(4, 1)));
  const auto size = static_cast<std::ptrdiff_t>(one.size());
  EXPECT_TRUE(support::near_relative(
      "image 4", one, Values(nine.begin() + 4 * size, nine.begin() + 5 * size), 1e-6));
}

TEST(Model, BatchSizesInAnyOrderMatchTheReference) {
  FcModel model{Seed{1}};
  reference::Network network({.c = 1, .h = 5, .w = 5}, support::fc_reference());
  support::copy_state(model, network);
  for (const std::size_t size : {127U, 1U, 128U, 2U}) {
    const Values x = support::random_values(size * 25, static_cast<std::uint32_t>(size));
    const auto images = support::batch_of<FcImage>(x);
    EXPECT_TRUE(support::near_relative("output", support::values_of(model.forward(images)),
                                       network.forward(x, static_cast<int>(size)), 1e-5));
    model.zero_grad();
    model.backward(images);
    network.backward(x);
    const auto parameters = network.parameters();
    const auto tensors = model.named_parameters();
    for (std::size_t i = 0; i < tensors.size(); ++i)
      EXPECT_TRUE(support::near_relative(tensors[i].name(), support::gradient_of(tensors[i]),
                                         *parameters[i].gradient, 1e-5));
  }
}

TEST(Model, EvaluationTreatsEachImageAlone) {
  ConvModel model{Seed{1}};
  support::randomise(model, 1);
  model.eval();
  EXPECT_FALSE(model.training());
  const auto images = images_for(model, 4);
  const Values together = support::values_of(model.forward(images));
  for (std::size_t n = 0; n < 4; ++n) {
    const Values alone = support::values_of(model.forward(images.images(n, 1)));
    const auto size = static_cast<std::ptrdiff_t>(alone.size());
    const auto first = together.begin() + static_cast<std::ptrdiff_t>(n) * size;
    // To rounding: kernels group images, and groups of other sizes add in another order.
    EXPECT_TRUE(support::near_relative("image alone", alone, Values(first, first + size), 1e-6));
  }
}

TEST(Model, OnlyTrainingMovesRunningStatistics) {
  ConvModel model{Seed{1}};
  EXPECT_TRUE(model.training());
  const auto images = images_for(model, 4);
  const auto statistics = [&] {
    Values all;
    for (const auto& tensor : model.named_buffers())
      for (const double value : support::values_of(tensor))
        all.push_back(value);
    return all;
  };
  const Values start = statistics();
  model.eval();
  model.forward(images);
  EXPECT_EQ(statistics(), start);
  EXPECT_EQ(*model.state().counters[0].value, 0);
  EXPECT_EQ(model.training_passes(), 0);
  model.train();
  model.forward(images);
  EXPECT_NE(statistics(), start);
  EXPECT_EQ(*model.state().counters[0].value, 1);
  EXPECT_EQ(model.training_passes(), 1);
}

TEST(Model, BackwardUsesTheModeOfItsForward) {
  // Switching to eval() between forward and backward changes no gradient.
  ConvModel one{Seed{1}}, two{Seed{1}};
  const auto images = images_for(one, 4);
  const Tensor<support::ConvOutput> gradient(one.forward(images));
  two.forward(images);
  one.zero_grad();
  two.zero_grad();
  one.backward(gradient);
  two.eval();
  two.backward(gradient);
  EXPECT_EQ(support::gradient_of(one.parameter("0.0.weight")),
            support::gradient_of(two.parameter("0.0.weight")));
}

TEST(Model, ExpressionsInEqualTensorsIn) {
  ConvModel model{Seed{1}};
  model.eval();
  const Values values = support::random_values(3 * ConvImage::size, 1);
  xt::xtensor<float, 4> array = xt::xtensor<float, 4>::from_shape({3, 2, 9, 7});
  for (std::size_t i = 0; i < values.size(); ++i)
    array.data()[i] = static_cast<float>(values[i]);
  const auto batch = support::batch_of<ConvImage>(values);
  const Values expected = support::values_of(model.forward(batch));
  EXPECT_EQ(support::values_of(model.forward(array)), expected);
  EXPECT_EQ(support::values_of(model.forward(0.5F * array + 0.5F * array)), expected);
  const xt::xtensor<float, 4> other = xt::zeros<float>({3, 2, 7, 9});
  EXPECT_TRUE(
      support::says(support::error_text<std::invalid_argument>([&] { model.forward(other); }),
                    "(N, 2, 9, 7)", "(3, 2, 7, 9)"));
}

TEST(Model, WantedGradientsAreEachTheSame) {
  ConvModel model{Seed{1}};
  model.eval();  // no dropout, so that passes can be repeated
  const auto images = images_for(model, 3);
  const Tensor<support::ConvOutput> gradient(model.forward(images));
  const auto parameters = [&] {
    const auto all = model.parameters().gradients;
    return Values(all.begin(), all.end());
  };
  model.zero_grad();
  model.backward(gradient, Gradients::parameters_and_input);
  const Values both = parameters();
  const Values input = support::values_of(model.input_gradient());
  model.zero_grad();
  model.forward(images);
  model.backward(gradient);
  EXPECT_EQ(parameters(), both);
  EXPECT_THROW(model.input_gradient(), std::invalid_argument);
  model.zero_grad();
  model.forward(images);
  model.backward(gradient, Gradients::input);
  EXPECT_EQ(support::max_abs(parameters()), 0.0);
  EXPECT_EQ(support::values_of(model.input_gradient()), input);
}

TEST(Model, BackwardTwiceAfterOneForwardAddsTheSame) {
  FcModel model{Seed{1}};
  const auto images = images_for(model, 3);
  const auto [loss, gradient] = mse_loss(model.forward(images), images);
  model.zero_grad();
  model.backward(gradient);
  const Values once = support::gradient_of(model.parameter("0.1.weight"));
  model.backward(gradient);
  EXPECT_TRUE(support::near_relative("gradient",
                                     support::gradient_of(model.parameter("0.1.weight")),
                                     support::detail::doubled(once), 1e-6));
}

TEST(Model, MovedModelKeepsItsParametersAndItsOptimiser) {
  FcModel model{Seed{1}}, stays{Seed{1}};
  const auto images = images_for(model, 3);
  Adam adam{model.parameters()}, other{stays.parameters()};
  FcModel moved(std::move(model));
  for (int step = 0; step < 2; ++step) {
    for (auto* pair : {&moved, &stays}) {
      const auto [loss, gradient] = mse_loss(pair->forward(images), images);
      pair->zero_grad();
      pair->backward(gradient);
    }
    adam.step();
    other.step();
  }
  EXPECT_EQ(support::values_of(moved.parameter("0.1.weight")),
            support::values_of(stays.parameter("0.1.weight")));
}

TEST(Model, NetworksWithoutParametersRun) {
  Model<Sequential<Tanh, Flatten>, Shape<2, 3, 3>> model{Seed{1}};
  const auto images = images_for(model, 2);
  const Tensor<Shape<18>> gradient(model.forward(images));
  model.zero_grad();
  model.backward(gradient);
  model.backward(gradient, Gradients::parameters_and_input);
  EXPECT_EQ(model.input_gradient().size(), 2U);
  EXPECT_TRUE(model.named_parameters().empty());
  EXPECT_TRUE(model.parameters().values.empty());
}

TEST(Model, TrainsToASmallLoss) {
  FcModel model{Seed{1}};
  Adam adam{model.parameters(), {.learning_rate = 0.02F}};
  Values values = support::random_values(8 * 25, 1);
  for (double& value : values)
    value = 0.5 + 0.4 * value;
  const auto images = support::batch_of<FcImage>(values);
  double first = 0.0, last = 0.0;
  for (int step = 0; step < 300; ++step) {
    const auto [loss, gradient] = mse_loss(model.forward(images), images);
    (step == 0 ? first : last) = loss;
    model.zero_grad();
    model.backward(gradient);
    adam.step();
  }
  EXPECT_GT(first, 0.04);
  EXPECT_LT(last, 0.001);  // nine latent numbers hold eight images
}

}  // namespace model_test
