// SPDX-License-Identifier: MIT
// Dropout: which values it drops, by how much it scales, and that backward drops the same.

#include <cmath>
#include <cstddef>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/model_check.hpp"

namespace dropout_test {

using namespace lamina;
using reference::Values;

using S = Shape<3, 7, 9>;

/// 1 where a value of an input without zeros came through.
Values mask_of(const Values& y) {
  Values mask(y.size());
  for (std::size_t i = 0; i < y.size(); ++i)
    mask[i] = y[i] == 0.0 ? 0.0 : 1.0;
  return mask;
}

double sum(const Values& values) {
  double total = 0.0;
  for (const double value : values)
    total += value;
  return total;
}

TEST(Dropout, KeepsAndScalesAsManyAsItSays) {
  Model<Sequential<Dropout<0.3>>, S> model{Seed{1}};
  const Values x = support::random_values(100 * S::size, 1, 0.01);
  const auto input = support::batch_of<S>(x);
  const Values y = support::values_of(model.forward(input));
  const Values mask = mask_of(y);
  EXPECT_TRUE(support::near_elementwise("output", y, reference::dropout(x, mask, 0.3), 1e-6, 0.0));
  // 18,900 draws: the standard deviation of the kept fraction is 0.0033.
  EXPECT_NEAR(sum(mask) / static_cast<double>(x.size()), 0.7, 0.014);
}

TEST(Dropout, BackwardDropsTheSame) {
  Model<Sequential<Dropout<0.5>>, S> model{Seed{1}};
  const Values x = support::random_values(5 * S::size, 1, 0.01);
  const Values dy = support::random_values(5 * S::size, 2, 0.01);
  const auto input = support::batch_of<S>(x);
  const Values mask = mask_of(support::values_of(model.forward(input)));
  model.backward(support::batch_of<S>(dy), Gradients::input);
  EXPECT_TRUE(support::near_elementwise("input gradient",
                                        support::values_of(model.input_gradient()),
                                        reference::dropout_backward(dy, mask, 0.5), 1e-6, 0.0));
}

TEST(Dropout, BackwardDropsTheSameAfterAnEvaluationInBetween) {
  // Validation between forward and backward of another model, or of this one, draws nothing.
  Model<Sequential<Dropout<0.5>>, S> model{Seed{1}}, other{Seed{1}};
  const Values x = support::random_values(2 * S::size, 1, 0.01);
  const auto input = support::batch_of<S>(x);
  const Values mask = mask_of(support::values_of(model.forward(input)));
  model.eval();
  model.forward(input);
  model.train();
  other.forward(input);
  const Values second = mask_of(support::values_of(model.forward(input)));
  const Values expected = mask_of(support::values_of(other.forward(input)));
  EXPECT_EQ(second, expected);
  EXPECT_NE(second, mask);
}

TEST(Dropout, DrawsAnewEachPassAndTheSameForTheSameSeed) {
  Model<Sequential<Dropout<>>, S> one{Seed{7}}, same{Seed{7}}, other{Seed{8}};
  const Tensor<S> input = support::batch_of<S>(Values(2 * S::size, 1.0));
  const Values first = support::values_of(one.forward(input));
  EXPECT_EQ(first, support::values_of(same.forward(input)));
  EXPECT_NE(first, support::values_of(other.forward(input)));
  EXPECT_NE(first, support::values_of(one.forward(input)));
}

TEST(Dropout, TwoLayersOfOneModelDrawDifferently) {
  Model<Sequential<Dropout<0.5>, Dropout<0.5>>, S> model{Seed{1}};
  const Tensor<S> input = support::batch_of<S>(Values(20 * S::size, 1.0));
  const Values mask = mask_of(support::values_of(model.forward(input)));
  // A quarter comes through both if they are independent, a half if they draw alike.
  EXPECT_NEAR(sum(mask) / static_cast<double>(mask.size()), 0.25, 0.04);
}

TEST(Dropout, DrawsDoNotDependOnTheRestOfTheBatch) {
  Model<Sequential<Dropout<>>, S> one{Seed{7}}, more{Seed{7}};
  const Tensor<S> input = support::batch_of<S>(Values(9 * S::size, 1.0));
  const Values whole = support::values_of(more.forward(input));
  const Values part = support::values_of(one.forward(input.images(0, 2)));
  EXPECT_EQ(part, Values(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(part.size())));
}

TEST(Dropout, IsTheIdentityInEvaluation) {
  Model<Sequential<Dropout<0.9>>, S> model{Seed{1}};
  model.eval();
  const Values x = support::random_values(3 * S::size, 1);
  const auto input = support::batch_of<S>(x);
  EXPECT_EQ(support::values_of(model.forward(input)), x);
  model.backward(input, Gradients::input);
  EXPECT_EQ(support::values_of(model.input_gradient()), x);
}

TEST(Dropout, ProbabilityZeroKeepsEverything) {
  Model<Sequential<Dropout<0.0>>, S> model{Seed{1}};
  const Values x = support::random_values(3 * S::size, 1);
  const auto input = support::batch_of<S>(x);
  EXPECT_EQ(support::values_of(model.forward(input)), x);
}

TEST(Dropout, MatchesReferenceInsideANetwork) {
  using Net = Sequential<Linear<9, 17>, Dropout<0.4>, Tanh, Linear<17, 5>>;
  Model<Net, Shape<9>> model{Seed{3}};
  Model<Sequential<Linear<9, 17>, Dropout<0.4>>, Shape<9>> front{Seed{3}};
  const Values x = support::random_values(6 * 9, 1);
  const auto input = support::batch_of<Shape<9>>(x);
  const Values mask = mask_of(support::values_of(front.forward(input)));
  using namespace reference::layer;
  reference::Network network({.c = 9},
                             {linear(17), dropout(0.4, mask), reference::layer::tanh(), linear(5)});
  support::copy_state(model, network);
  const Values y = network.forward(x, 6);
  EXPECT_TRUE(support::near_relative("output", support::values_of(model.forward(input)), y, 1e-5));
  const Values dy = support::random_values(y.size(), 2);
  const Values dx = network.backward(dy);
  model.zero_grad();
  model.backward(support::batch_of<Shape<5>>(dy), Gradients::parameters_and_input);
  EXPECT_TRUE(support::near_relative("input gradient", support::values_of(model.input_gradient()),
                                     dx, 1e-5));
  EXPECT_TRUE(support::near_relative("0.weight", support::gradient_of(model.parameter("0.weight")),
                                     network.layers()[0].gradients.weight, 1e-5));
}

}  // namespace dropout_test
