// SPDX-License-Identifier: MIT
// zero_grad: gradients are zero at once for whoever looks, and a backward behind it gives what adding to zeros gives,
// although on the CPU zeros are put off and linear layers write what others add.

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/model_check.hpp"

namespace zero_grad_test {

using namespace lamina;

using Image = Shape<2, 8, 8>;
// Layers that can write their gradients, with and without a rest of a vector, and layers that cannot.
using Net = Sequential<Conv2d<2, 20, 3, 1, 1>, BatchNorm2d<20>, ReLU, Conv2d<20, 17, 8>, Flatten,
                       Linear<17, 33>, Tanh, Linear<33, 5, Bias::no>>;

template <Precision P>
struct Trained {
  Model<Net, Image, Cpu, P> model{Seed{3}};
  Tensor<Image> images;
  Tensor<Shape<5>> gradient;

  explicit Trained(std::size_t count)
      : images(support::batch_of<Image>(support::random_values(count * Image::size, 1))),
        gradient(support::batch_of<Shape<5>>(support::random_values(count * 5, 2))) {
    pass();
  }
  void pass(Gradients wanted = Gradients::parameters) {
    model.forward(images);
    model.backward(gradient, wanted);
  }
  std::vector<float> gradients() {
    const auto all = model.parameters().gradients;
    return {all.begin(), all.end()};
  }
};

using Float32 = Trained<Precision::float32>;

TEST(ZeroGrad, ShowsInHandlesThatWereThereBefore) {
  Float32 trained(3);
  const auto all = trained.model.parameters().gradients;
  const auto weight = trained.model.parameter("5.weight");
  ASSERT_GT(support::max_abs(all), 0.0);
  trained.model.zero_grad();
  EXPECT_EQ(xt::amax(xt::abs(weight.gradient()))(), 0.0F);
  trained.pass();
  trained.model.zero_grad();
  EXPECT_EQ(support::max_abs(all), 0.0);
  trained.pass();
  trained.model.zero_grad();
  EXPECT_EQ(all[all.size() - 40], 0.0F);
}

TEST(ZeroGrad, LeavesAnOptimiserNothingToDo) {
  Float32 trained(3);
  SGD<Cpu> sgd{trained.model.parameters(), {.learning_rate = 1.0F}};
  const auto values = trained.model.parameters().values;
  const std::vector<float> before(values.begin(), values.end());
  trained.model.zero_grad();
  sgd.step();
  EXPECT_EQ(std::vector<float>(values.begin(), values.end()), before);
  trained.pass();
  trained.model.zero_grad();
  EXPECT_EQ(clip_grad_norm(trained.model.parameters(), 1.0), 0.0);
}

TEST(ZeroGrad, OutlivesABackwardToTheInputAlone) {
  Float32 trained(3);
  trained.model.zero_grad();
  trained.pass(Gradients::input);
  EXPECT_EQ(support::max_abs(trained.model.parameters().gradients), 0.0);
}

TEST(ZeroGrad, MovesWithTheModel) {
  Float32 trained(3);
  const auto all = trained.model.parameters().gradients;
  trained.model.zero_grad();
  const auto moved = std::move(trained.model);
  EXPECT_EQ(support::max_abs(all), 0.0);
}

/// What a pass writes beside what the same pass adds to zeros that somebody has looked at, and to itself.
template <Precision P>
void expect_same_as_added(std::size_t images) {
  Trained<P> trained(images);
  trained.model.eval();  // so that passes are the same
  trained.model.zero_grad();
  trained.pass();
  const std::vector<float> written = trained.gradients();
  trained.model.zero_grad();
  ASSERT_EQ(support::max_abs(trained.model.parameters().gradients), 0.0);
  trained.pass();
  EXPECT_EQ(trained.gradients(), written) << images << " images";
  trained.pass();
  const std::vector<float> twice = trained.gradients();
  for (std::size_t i = 0; i < twice.size(); ++i)
    ASSERT_NEAR(twice[i], 2.0F * written[i], 1e-5F * (1.0F + std::abs(written[i]))) << i;
}

TEST(ZeroGrad, ThenBackwardGivesWhatItAddsToZeros) {
  constexpr std::size_t more_than_at_a_time = 300;  // for a product of matrices
  for (const std::size_t images : {std::size_t{1}, std::size_t{3}, more_than_at_a_time}) {
    expect_same_as_added<Precision::float32>(images);
    expect_same_as_added<Precision::bfloat16>(images);
  }
}

}  // namespace zero_grad_test
