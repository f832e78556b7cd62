// SPDX-License-Identifier: MIT
// AddCondition against the double-precision reference, and forward(images, condition).

#include <cmath>
#include <concepts>
#include <cstddef>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/error_text.hpp"
#include "support/model_check.hpp"

namespace add_condition_test {

using namespace lamina;
using reference::Values;
using reference::layer::add_condition;
using support::expect_matches_reference;

TEST(AddCondition, MatchesReference) {
  for (const int images : {1, 3}) {
    expect_matches_reference<Sequential<AddCondition<16, 32>>, Shape<32, 7, 7>>({add_condition(16)},
                                                                                {.images = images});
  }
}

TEST(AddCondition, MatchesReferenceOddSizes) {
  expect_matches_reference<Sequential<AddCondition<5, 17>>, Shape<17, 5, 3>>({add_condition(5)});
  expect_matches_reference<Sequential<AddCondition<33, infer>>, Shape<3, 9, 8>>(
      {add_condition(33)});
}

TEST(AddCondition, MatchesReferenceOneOfEach) {
  expect_matches_reference<Sequential<AddCondition<1, 1>>, Shape<1, 7, 9>>({add_condition(1)},
                                                                           {.images = 1});
  expect_matches_reference<Sequential<AddCondition<1, 6>>, Shape<6, 1, 1>>({add_condition(1)});
  expect_matches_reference<Sequential<AddCondition<7, 1>>, Shape<1>>({add_condition(7)});
}

TEST(AddCondition, MatchesReferenceOfVectors) {
  expect_matches_reference<Sequential<AddCondition<10, 34>>, Shape<34>>({add_condition(10)},
                                                                        {.images = 5});
}

TEST(AddCondition, MatchesReferenceManyPixelsManyImages) {
  expect_matches_reference<Sequential<AddCondition<3, 5>>, Shape<5, 13, 11>>({add_condition(3)},
                                                                             {.images = 67});
}

TEST(AddCondition, MatchesReferenceTwiceInAChain) {
  using Net = Sequential<Conv2d<2, 6, 3, 1, 1>, AddCondition<4, infer>, SiLU, Conv2d<6, 9, 3, 2, 1>,
                         AddCondition<4, infer>, Tanh>;
  using namespace reference::layer;
  expect_matches_reference<Net, Shape<2, 5, 6>>(
      {conv2d(6, 3, 1, 1), add_condition(4), silu(), conv2d(9, 3, 2, 1), add_condition(4),
       reference::layer::tanh()},
      {.images = 5});
}

using Image = Shape<2, 3, 3>;
using Net = Sequential<Conv2d<2, 4, 3>, AddCondition<3, 4>, Flatten>;
static_assert(std::same_as<Model<Net, Image>::condition_shape, Shape<3>>);

TEST(AddCondition, StartsAsTorchsLinear) {
  // U(-1/sqrt(features), 1/sqrt(features)): its standard deviation is 1/sqrt(3 features).
  Model<Sequential<AddCondition<64, 300>>, Shape<300>> model{Seed{1}};
  EXPECT_EQ(model.parameter("0.weight").shape(), (std::vector<std::size_t>{300, 64}));
  EXPECT_EQ(model.parameter("0.bias").shape(), (std::vector<std::size_t>{300}));
  for (const auto& tensor : model.named_parameters()) {
    const Values values = support::values_of(tensor);
    EXPECT_LE(support::max_abs(values), 0.125) << tensor.name();
    double squares = 0.0;
    for (const double value : values)
      squares += value * value;
    EXPECT_NEAR(std::sqrt(squares / static_cast<double>(values.size())), 0.125 / std::sqrt(3.0),
                0.005)
        << tensor.name();
  }
}

TEST(AddCondition, EachImageHasItsOwn) {
  Model<Sequential<AddCondition<1, 1>>, Shape<1, 1, 2>> model;
  support::assign(model.parameter("0.weight"), {2.0});
  support::assign(model.parameter("0.bias"), {0.5});
  const auto images = support::batch_of<Shape<1, 1, 2>>({1, 2, 3, 4});
  const auto condition = support::batch_of<Shape<1>>({10, 100});
  EXPECT_EQ(support::values_of(model.forward(images, condition)),
            (Values{21.5, 22.5, 203.5, 204.5}));
}

TEST(AddCondition, GradientsForTheInputAloneLeaveTheParametersAlone) {
  Model<Net, Image> model{Seed{1}};
  const auto images = support::batch_of<Image>(support::random_values(2 * Image::size, 1));
  const auto condition = support::batch_of<Shape<3>>(support::random_values(2 * 3, 2));
  const Tensor<Shape<4>> gradient(model.forward(images, condition));
  model.zero_grad();
  model.backward(gradient, Gradients::input);
  EXPECT_EQ(support::max_abs(model.parameters().gradients), 0.0);
  const Values alone = support::values_of(model.input_gradient());
  model.backward(gradient, Gradients::parameters_and_input);
  EXPECT_EQ(support::values_of(model.input_gradient()), alone);
  EXPECT_GT(support::max_abs(support::gradient_of(model.parameter("1.weight"))), 0.0);
}

TEST(AddCondition, RefusesAnotherNumberOfConditionsThanImages) {
  Model<Net, Image> model{Seed{1}};
  const Tensor<Image> images(3);
  const Tensor<Shape<3>> condition(3);
  const Tensor<Shape<4>> gradient(model.forward(images, condition));
  EXPECT_TRUE(support::says(support::error_text<std::invalid_argument>(
                                [&] { model.forward(images, condition.images(0, 2)); }),
                            "3 images", "2 conditions", "one for each image"));
  model.backward(gradient);  // the refusal has left the last forward to it
}

TEST(AddCondition, NaNComesThrough) {
  using Only = Sequential<AddCondition<3, 5>>;
  support::expect_nan_spreads<Only, Shape<5, 3, 7>>();
  Model<Only, Shape<5>> model{Seed{1}};
  const Tensor<Shape<5>> images(2);
  Tensor<Shape<3>> condition(2);
  condition.data()[4] = std::nanf("");
  const Values y = support::values_of(model.forward(images, condition));
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_FALSE(std::isnan(y[i]));
    EXPECT_TRUE(std::isnan(y[5 + i]));
  }
}

}  // namespace add_condition_test
