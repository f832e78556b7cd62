// SPDX-License-Identifier: MIT
// Invariant 8: an error is thrown before anything is changed: what was there is there afterwards,
// and the step that an error interrupted can go on.

#include <cstddef>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "invariants/training.hpp"
#include "support/error_text.hpp"

namespace errors_test {

using namespace invariants;
using lamina::Gradients;
using lamina::Model;
using lamina::Seed;
using lamina::Shape;
using lamina::Tensor;
using support::error_text;
using support::says;

using Small = lamina::Sequential<lamina::Linear<6, 5>, lamina::BatchNorm1d<5>, lamina::Tanh,
                                 lamina::Linear<5, 6>>;
using Vector = Shape<6>;

Tensor<Vector> vectors(std::size_t count) {
  Tensor<Vector> batch(count);
  const lamina::Philox philox(Seed{3}, lamina::Stream::noise);
  for (std::size_t i = 0; i < count * Vector::size; ++i)
    batch.data()[i] = lamina::uniform(philox.word(0, i));
  return batch;
}

/// A model in the middle of a step, with gradients from the step before.
class ErrorsChangeNothing : public testing::Test {
 protected:
  ErrorsChangeNothing() {
    step();
    model_.forward(batch_);
  }
  void step() {
    const auto [loss, gradient] = lamina::mse_loss(model_.forward(batch_), target_);
    model_.backward(gradient);
  }
  Bits everything() {
    Bits bits = bits_of(model_.state());
    append(bits, model_.parameters().gradients);
    bits.push_back(static_cast<std::uint32_t>(model_.training_passes()));
    return bits;
  }
  /// `action` throws a sentence with these words, and the model stays as it is.
  template <class Action, class... Words>
  void expect_refused(const Action& action, const Words&... words) {
    const Bits before = everything();
    EXPECT_TRUE(says(error_text<std::invalid_argument>(action), "lamina: ", words...));
    EXPECT_TRUE(everything() == before);
  }

  Tensor<Vector> batch_ = vectors(4);
  Tensor<Vector> target_ = vectors(4);
  Model<Small, Vector> model_{Seed{1}};
};

TEST_F(ErrorsChangeNothing, BackwardForAnotherNumberOfImages) {
  expect_refused([&] { model_.backward(vectors(3)); }, "3 images", "had 4");
}

TEST_F(ErrorsChangeNothing, BackwardBeforeForward) {
  Model<Small, Vector> other{Seed{1}};
  const Bits before = parameter_bits(other);
  EXPECT_TRUE(
      says(error_text<std::invalid_argument>([&] { other.backward(batch_); }), "needs a forward"));
  EXPECT_TRUE(parameter_bits(other) == before);
  for (const float value : other.parameters().gradients)
    EXPECT_EQ(value, 0.0F);
}

TEST_F(ErrorsChangeNothing, BackwardAfterAPart) {
  model_.forward_part<0>(batch_);
  expect_refused([&] { model_.backward(target_); }, "forward of the whole model");
}

TEST_F(ErrorsChangeNothing, ForwardOfNothing) {
  expect_refused([&] { model_.forward(Tensor<Vector>{}); }, "at least one image");
}

TEST_F(ErrorsChangeNothing, TrainingOnASingleValue) {
  expect_refused([&] { model_.forward(vectors(1)); }, "more than one value");
}

TEST_F(ErrorsChangeNothing, InputGradientThatNobodyAskedFor) {
  expect_refused([&] { model_.input_gradient(); }, "asked for it");
}

TEST_F(ErrorsChangeNothing, InputGradientOfAnotherForward) {
  model_.backward(target_, Gradients::input);
  EXPECT_EQ(model_.input_gradient().size(), 4U);
  model_.forward(vectors(9));
  expect_refused([&] { model_.input_gradient(); }, "asked for it");
}

TEST_F(ErrorsChangeNothing, LossOfTwoBatchSizes) {
  const auto output = model_.forward(batch_);
  expect_refused([&] { lamina::mse_loss(output, vectors(3)); }, "4 predictions", "3 targets");
  expect_refused([&] { lamina::binary_cross_entropy(output, vectors(5)); }, "5 targets");
}

TEST_F(ErrorsChangeNothing, AssigningAnotherShape) {
  expect_refused(
      [&] { model_.parameter("0.weight").assign(xt::xarray<float>::from_shape({6, 5})); },
      "'0.weight'", "(5, 6)", "(6, 5)");
  expect_refused(
      [&] { model_.buffer("1.running_mean").assign(xt::xarray<float>::from_shape({5, 1})); },
      "(5, 1)");
  expect_refused([&] { model_.parameter("9.weight"); }, "'9.weight'", "0.weight, 0.bias");
}

TEST_F(ErrorsChangeNothing, ClippingToNothing) {
  expect_refused([&] { lamina::clip_grad_norm(model_.parameters(), 0.0); }, "above 0");
}

TEST_F(ErrorsChangeNothing, TensorAssignedAnotherShape) {
  const Bits before = bits_of(batch_.span());
  EXPECT_THROW(batch_.assign(xt::xarray<float>::from_shape({9, 5})), std::invalid_argument);
  EXPECT_THROW(batch_.assign(xt::xarray<float>::from_shape({24})), std::invalid_argument);
  EXPECT_EQ(batch_.size(), 4U);
  EXPECT_TRUE(bits_of(batch_.span()) == before);
}

/// A refused forward in between costs the step nothing: its backward gives the same gradients.
TEST_F(ErrorsChangeNothing, StepGoesOnAfterARefusedForward) {
  model_.zero_grad();
  const auto loss = lamina::mse_loss(model_.forward(batch_.array()), target_);
  model_.backward(loss.gradient);
  const Bits expected = gradient_bits(model_);

  Model<Small, Vector> other{Seed{1}};
  const auto again = lamina::mse_loss(other.forward(batch_.array()), target_);
  const xt::xarray<float> one = xt::ones<float>({1, 6});
  EXPECT_THROW(other.forward(one), std::invalid_argument);
  EXPECT_THROW(other.forward(xt::xarray<float>::from_shape({4, 7})), std::invalid_argument);
  EXPECT_THROW(other.forward(xt::xarray<float>::from_shape({0, 6})), std::invalid_argument);
  other.backward(again.gradient, Gradients::parameters);
  EXPECT_TRUE(gradient_bits(other) == expected);
}

}  // namespace errors_test
