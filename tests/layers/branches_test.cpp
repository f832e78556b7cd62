// SPDX-License-Identifier: MIT
// Residual and Concat in each other: against the reference, whichever gradients are wanted, on any
// number of threads, and how much memory they take.

#include <cstddef>
#include <initializer_list>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/model_check.hpp"

namespace branches_test {

using namespace lamina;
using namespace reference::layer;
using reference::Values;
using support::expect_matches_reference;

using Image = Shape<3, 6, 10>;
using Block = Residual<GroupNorm<2, infer>, SiLU, AddCondition<5, infer>, Conv2d<8, 8, 3, 1, 1>>;
using Deep = Sequential<MaxPool2d<2>, Block, Upsample<2>>;
/// A Residual in a Concat in a Residual, and a value that is read by three layers and an Identity.
using Net = Sequential<
    Conv2d<3, 8, 3, 1, 1>,
    Residual<SiLU, Concat<Identity, Deep, Sequential<Block, Conv2d<8, 4, 1>>>, Conv2d<20, 8, 1>>,
    Concat<ReLU, Identity, Residual<Tanh, Residual<>>, AvgPool2d<3, 1, 1>>, Conv2d<32, 2, 3, 1, 1>>;
using M = Model<Net, Image>;

std::vector<reference::Layer> described() {
  const auto block = residual({group_norm(2), silu(), add_condition(5), conv2d(8, 3, 1, 1)});
  return {
      conv2d(8, 3, 1, 1),
      residual({silu(), concat({{}, {max_pool2d(2, 2), block, upsample(2)}, {block, conv2d(4, 1)}}),
                conv2d(8, 1)}),
      concat({{relu()},
              {},
              {residual({reference::layer::tanh(), residual({})})},
              {avg_pool2d(3, 1, 1)}}),
      conv2d(2, 3, 1, 1)};
}

TEST(Branches, MatchReference) {
  for (const int images : {1, 3})
    expect_matches_reference<Net, Image>(described(), {.images = images});
  expect_matches_reference<Net, Image>(described(), {.training = false, .seed = 2});
}

TEST(Branches, MatchReferenceWithBatchNormInThem) {
  using Normalised = Sequential<Concat<Sequential<Conv2d<2, 3, 3, 1, 1, Bias::no>, BatchNorm2d<3>>,
                                       Residual<BatchNorm2d<2>>, Conv2d<2, 1, 3, 1, 1>>>;
  for (const bool training : {true, false}) {
    expect_matches_reference<Normalised, Shape<2, 5, 4>>(
        {concat({{conv2d(3, 3, 1, 1, false), batch_norm()},
                 {residual({batch_norm()})},
                 {conv2d(1, 3, 1, 1)}})},
        {.training = training});
  }
}

/// Output and gradients of one pass; what was not asked for is empty.
struct Pass {
  std::vector<float> output, parameters, input;
};
Pass pass_of(Gradients wanted, int threads = 2, std::size_t images = 9) {
  const int before = num_threads();
  set_num_threads(threads);
  M model{Seed{1}};
  const auto x = support::batch_of<Image>(support::random_values(images * Image::size, 1));
  const auto condition = support::batch_of<Shape<5>>(support::random_values(images * 5, 2));
  const auto dy =
      support::batch_of<M::output_shape>(support::random_values(images * M::output_shape::size, 3));
  const auto copy = [](const auto& span) { return std::vector<float>(span.begin(), span.end()); };
  Pass pass;
  pass.output = copy(model.forward(x, condition).span());
  model.zero_grad();
  model.backward(dy, wanted);
  pass.parameters = copy(model.parameters().gradients);
  if (wanted != Gradients::parameters) pass.input = copy(model.input_gradient().span());
  set_num_threads(before);
  return pass;
}

TEST(Branches, WantedGradientsAreEachTheSame) {
  const Pass both = pass_of(Gradients::parameters_and_input);
  EXPECT_EQ(pass_of(Gradients::parameters).parameters, both.parameters);
  const Pass input = pass_of(Gradients::input);
  EXPECT_EQ(input.input, both.input);
  EXPECT_EQ(support::max_abs(input.parameters), 0.0);
  EXPECT_GT(support::max_abs(both.parameters), 0.0);
}

// So many images that every kind of layer is worth threads.
TEST(Branches, GiveTheSameBitsForAnyNumberOfThreads) {
  const Pass one = pass_of(Gradients::parameters_and_input, 1, 129);
  for (const int threads : {2, 5}) {
    const Pass more = pass_of(Gradients::parameters_and_input, threads, 129);
    EXPECT_EQ(more.output, one.output) << threads;
    EXPECT_EQ(more.parameters, one.parameters) << threads;
    EXPECT_EQ(more.input, one.input) << threads;
  }
}

TEST(Branches, NothingIsComputedForWhatNobodyLearns) {
  // The layers in front of the first parameter, one branch of them, get no gradient; the others do.
  using Fixed = Sequential<Tanh, Concat<Sigmoid, Linear<9, 4>, Residual<Tanh>>, Linear<22, 3>>;
  const std::vector<reference::Layer> layers{
      reference::layer::tanh(),
      concat({{sigmoid()}, {linear(4)}, {residual({reference::layer::tanh()})}}), linear(3)};
  expect_matches_reference<Fixed, Shape<9>>(layers);
  Model<Fixed, Shape<9>> some{Seed{1}}, all{Seed{1}};
  const auto x = support::batch_of<Shape<9>>(support::random_values(4 * 9, 1));
  for (auto* const model : {&some, &all}) {
    const Tensor<Shape<3>> gradient(model->forward(x));
    model->zero_grad();
    model->backward(gradient,
                    model == &some ? Gradients::parameters : Gradients::parameters_and_input);
  }
  for (const char* const name : {"1.1.weight", "1.1.bias", "2.weight", "2.bias"})
    EXPECT_EQ(support::gradient_of(some.parameter(name)),
              support::gradient_of(all.parameter(name)));
}

TEST(Branches, PartsOfANetworkWithBranchesEqualTheWhole) {
  using Encoder = Sequential<Conv2d<1, 4, 3, 1, 1>, Residual<Tanh>>;
  using Decoder = Sequential<Concat<Identity, ReLU>, Conv2d<8, 1, 3, 1, 1>>;
  Model<Sequential<Encoder, Decoder>, Shape<1, 5, 6>> model{Seed{1}};
  const auto x = support::batch_of<Shape<1, 5, 6>>(support::random_values(3 * 30, 1));
  const Values whole = support::values_of(model.forward(x));
  const Tensor<Shape<4, 5, 6>> latent(model.forward_part<0>(x));
  EXPECT_EQ(support::values_of(model.forward_part<1>(latent)), whole);
}

// How much memory gradients of activations take, in values for one image.
template <class Network, class In>
inline constexpr std::size_t differences =
    Model<Network, In>::memory_plan(1).differences / sizeof(float);
using Wide = Shape<4, 4, 4>;  // 64 values
using Keeps = Conv2d<4, 4, 3, 1, 1>;

TEST(Branches, GradientsTakeNoMoreMemoryThanAreAliveAtATime) {
  // In a row dx and dy, whatever the length.
  EXPECT_EQ((differences<Sequential<Keeps, Keeps>, Wide>), 2 * 64U);
  EXPECT_EQ((differences<Sequential<Keeps, Keeps, Keeps, Keeps, Keeps, Keeps>, Wide>), 2 * 64U);
  EXPECT_EQ((differences<Sequential<Keeps, ReLU, Keeps, Tanh, Keeps>, Wide>), 2 * 64U);
  // What skips a Residual's layers waits beside them, and the first of them adds its share to it.
  EXPECT_EQ((differences<Residual<Keeps, Keeps>, Wide>), 3 * 64U);
  EXPECT_EQ((differences<Sequential<Residual<Keeps, Keeps>, Residual<Keeps, Keeps>>, Wide>),
            3 * 64U);
  // A Residual in a Residual is one more that waits, unless the same value skips both.
  EXPECT_EQ((differences<Residual<Keeps, Residual<Keeps, Keeps>, Keeps>, Wide>), 4 * 64U);
  EXPECT_EQ((differences<Residual<Residual<Keeps, Keeps>, Keeps>, Wide>), 3 * 64U);
}

}  // namespace branches_test
