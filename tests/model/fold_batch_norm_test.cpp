// SPDX-License-Identifier: MIT
// Batch normalisation in the weights in front of it: the same outputs in evaluation, and no such layer.

#include <concepts>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/compare.hpp"
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

/// What a model puts out in evaluation, and what it does folded.
struct Outputs {
  reference::Values expected, folded;
};

template <class Network, Precision P = Precision::float32>
Outputs outputs() {
  const auto batch = support::batch_of<Image>(support::random_values(5 * Image::size, 3));
  Model<Network, Image, Cpu, P> model{Seed{4}};
  support::randomise(model, 5);
  model.eval();
  auto folded = fold_batch_norm(model);
  EXPECT_FALSE(folded.training());
  return {support::values_of(model.forward(batch)), support::values_of(folded.forward(batch))};
}

TEST(FoldBatchNorm, PutsOutTheSame) {
  const auto [expected, folded] = outputs<Net>();
  EXPECT_TRUE(support::near_relative("output", folded, expected, 1e-5));
}

TEST(FoldBatchNorm, LeavesOtherNetworksAlone) {
  using Other = Sequential<Flatten, Linear<270, 9>, ReLU, BatchNorm1d<9>>;
  static_assert(std::same_as<FoldedBatchNorm<Other>, Other>);
  const auto [expected, folded] = outputs<Other>();
  EXPECT_EQ(folded, expected);
}

TEST(FoldBatchNorm, RoundsProductsAsThePrecisionDoes) {
  const auto [expected, folded] = outputs<Net, Precision::bfloat16>();
  EXPECT_TRUE(support::near_relative("output", folded, expected, 0.1));
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
