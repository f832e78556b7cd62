// SPDX-License-Identifier: MIT
// Batch normalisation in the weights in front of it: the same outputs in evaluation, and no such layer.

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/model_check.hpp"

namespace fold_batch_norm_test {

using namespace lamina;

struct WideEpsilon : BatchNormDefaults {
  static constexpr double epsilon = 0.5;
};

using Image = Shape<3, 9, 10>;
// Each kind of layer that takes a normalisation in, with and without a bias; rows within rows; and what stays: behind
// nothing, behind an activation, behind another normalisation, at the start of a row of its own.
using Net = Sequential<
    BatchNorm2d<3>, Conv2d<3, 20, 3, 1, 1, Bias::no>, BatchNorm2d<20>, BatchNorm2d<20>, ReLU,
    Residual<Conv2d<20, 20, 1>, BatchNorm2d<infer, WideEpsilon>, Tanh>,
    Concat<Identity, Sequential<Conv2d<infer, 5, 1>, BatchNorm2d<5>>>,
    Sequential<Conv2d<25, 6, 4, 2, 1>>, Sequential<BatchNorm2d<6>, ReLU, BatchNorm2d<6>>,
    Sequential<ConvTranspose2d<6, 3, 4, 2, 1, 0, Bias::no>, BatchNorm2d<3>, LeakyReLU<0.2>>,
    ConvTranspose2d<3, 2, 3, 1, 1>, BatchNorm2d<2>, Flatten, Linear<160, 11>, BatchNorm1d<11>, SiLU,
    Linear<11, 4, Bias::no>, BatchNorm1d<4, WideEpsilon>>;
using Expected =
    Sequential<BatchNorm2d<3>, Conv2d<3, 20, 3, 1, 1>, BatchNorm2d<20>, ReLU,
               Residual<Conv2d<20, 20, 1>, Tanh>, Concat<Identity, Sequential<Conv2d<infer, 5, 1>>>,
               Sequential<Conv2d<25, 6, 4, 2, 1>>, Sequential<BatchNorm2d<6>, ReLU, BatchNorm2d<6>>,
               Sequential<ConvTranspose2d<6, 3, 4, 2, 1>, LeakyReLU<0.2>>,
               ConvTranspose2d<3, 2, 3, 1, 1>, Flatten, Linear<160, 11>, SiLU, Linear<11, 4>>;
static_assert(std::same_as<FoldedBatchNorm<Net>, Expected>);
static_assert(std::same_as<FoldedBatchNorm<ReLU>, ReLU>);
static_assert(std::same_as<FoldedBatchNorm<Identity>, Identity>);

/// How far the outputs of the folded model are from those of the model, as a share of the largest one.
template <class Network, class In, Precision P = Precision::float32>
double distance() {
  constexpr std::size_t images = 5;
  const auto batch = support::batch_of<In>(support::random_values(images * In::size, 3));
  Model<Network, In, Cpu, P> model{Seed{4}};
  support::randomise(model, 5);
  model.eval();
  auto folded = fold_batch_norm(model);
  EXPECT_FALSE(folded.training());
  const auto expected = support::values_of(model.forward(batch));
  const auto output = support::values_of(folded.forward(batch));
  double most = 0, error = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    most = std::max(most, std::abs(expected[i]));
    error = std::max(error, std::abs(expected[i] - output[i]));
  }
  EXPECT_GT(most, 0);
  return error / most;
}

TEST(FoldBatchNorm, PutsOutTheSame) {
  EXPECT_LT((distance<Net, Image>()), 1e-5);
}

TEST(FoldBatchNorm, LeavesOtherNetworksAlone) {
  using Other = Sequential<Flatten, Linear<270, 9>, ReLU, BatchNorm1d<9>>;
  static_assert(std::same_as<FoldedBatchNorm<Other>, Other>);
  EXPECT_EQ((distance<Other, Image>()), 0);
}

TEST(FoldBatchNorm, RoundsProductsAsThePrecisionDoes) {
  EXPECT_LT((distance<Net, Image, Precision::bfloat16>()), 0.1);
}

TEST(FoldBatchNorm, LeavesTheModelAsItIs) {
  Model<Net, Image> model{Seed{4}};
  support::randomise(model, 5);
  const auto weight = model.parameter("1.weight").array();
  const auto folded = fold_batch_norm(model);
  EXPECT_TRUE(model.training());
  EXPECT_EQ(model.parameter("1.weight").array(), weight);
}

}  // namespace fold_batch_norm_test
