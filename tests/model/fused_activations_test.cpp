// SPDX-License-Identifier: MIT
// Activations that run in one step with the layer in front of them: the same bits as layer by layer.

#include <algorithm>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/model_check.hpp"

namespace model_test {

using namespace lamina;

/// Whether layer I runs in one step with the next one, if that may write over its output, and whether it does
/// on the way back: in a step of its own, or of the next one.
template <class Net, class In, std::size_t I>
constexpr bool fuses = detail::StepsOf<Net, In, Cpu>::with_next[I].forward != nullptr;
template <class Net, class In, std::size_t I>
constexpr bool fuses_back = detail::StepsOf<Net, In, Cpu>::with_next[I].backward != nullptr;

template <class Net, class In, std::size_t I>
constexpr bool fuses_into_next =
    detail::StepsOf<Net, In, Cpu>::with_next[I].backward_of_next != nullptr;

using Image = Shape<3, 9, 10>;
// Every kind of layer that an activation can end, and every kind of kernel: many channels, few, from few to
// few, a window that is the whole image, tiles that end within a vector.
using Net = Sequential<
    Sequential<Conv2d<3, 20, 3, 1, 1>, LeakyReLU<0.2>>,
    Sequential<Conv2d<20, 2, 3, 1, 1>, Tanh, Conv2d<2, 33, 4, 2, 1>, BatchNorm2d<33>, ReLU>,
    Sequential<Residual<Conv2d<33, 33, 1>, ReLU>, Sigmoid, ConvTranspose2d<33, 3, 4, 2, 1>, Sigmoid,
               Dropout<0.3>, ReLU>,
    Sequential<Flatten, Linear<240, 19>, BatchNorm1d<19>, Tanh, Linear<19, 3>, SiLU, Linear<3, 7>,
               LeakyReLU<0.1>>>;
static_assert(fuses<Net, Image, 0> && !fuses<Net, Image, 1> && fuses<Net, Image, 2>);
static_assert(!fuses<Net, Image, 4> && fuses<Net, Image, 5> && !fuses<Net, Image, 6>);
static_assert(!fuses_back<Net, Image, 0> && fuses_back<Net, Image, 5>);
static_assert(fuses_into_next<Net, Image, 1> && fuses_into_next<Net, Image, 3> &&
              !fuses_into_next<Net, Image, 0>);

// Normalisation in front of all else, whose own input's gradient nobody may want, and behind it an activation
// that costs too much to be computed again.
using Normalised = Sequential<BatchNorm2d<3>, LeakyReLU<0.3>, Flatten, Linear<270, 9>,
                              BatchNorm1d<9>, ReLU, Linear<9, 6>, BatchNorm1d<6>, Tanh>;
static_assert(fuses_back<Normalised, Image, 0> && fuses_back<Normalised, Image, 4> &&
              !fuses_back<Normalised, Image, 7>);

// Convolutions by Winograd's filtering, in tiles that reach over the image.
using Filtered = Sequential<Conv2d<3, 32, 1>, Conv2d<32, 48, 3, 1, 1>, ReLU,
                            ConvTranspose2d<48, 32, 3, 1, 1>, Tanh>;
static_assert(fuses<Filtered, Image, 1> && fuses<Filtered, Image, 3>);

// Matrices whose weights are turned block by block, the input's gradient of a SiLU, and activations whose gradient
// several layers add to or that nobody wants.
using Vectors =
    Sequential<Tanh, Flatten, Linear<270, 40>, ReLU, Linear<40, 70>, SiLU, Linear<70, 33>, Sigmoid,
               Concat<Sequential<Linear<33, 20>, Tanh, Linear<20, 8>>, Linear<33, 34>>,
               LeakyReLU<0.2>, Residual<LeakyReLU<0.1>, Linear<42, 42>>, Tanh, Linear<42, 5>>;
static_assert(fuses_into_next<Vectors, Image, 3> && !fuses_into_next<Vectors, Image, 5>);

std::vector<float> copy_of(const auto& values) {
  return {values.begin(), values.end()};
}

class FusedActivations : public testing::TestWithParam<bool> {};

template <class Network>
void expect_same_bits(bool training, Gradients wanted) {
  const auto images = support::batch_of<Image>(support::random_values(5 * Image::size, 3));
  std::vector<float> outputs[2], gradients[2], running[2];
  for (const bool fused : {false, true}) {
    Model<Network, Image> model{Seed{4}};
    support::randomise(model, 5);
    model.fuse_activations(fused);
    model.train(training);
    const auto output = model.forward(images);
    outputs[fused] = copy_of(output.span());
    model.zero_grad();
    model.backward(output, wanted);
    gradients[fused] = copy_of(model.parameters().gradients);
    if (wanted == Gradients::parameters_and_input) {
      const auto to_images = copy_of(model.input_gradient().span());
      gradients[fused].insert(gradients[fused].end(), to_images.begin(), to_images.end());
    }
    for (const auto& tensor : model.named_buffers()) {
      const auto values = support::values_of(tensor);
      running[fused].insert(running[fused].end(), values.begin(), values.end());
    }
  }
  EXPECT_GT(support::max_abs(outputs[0]), 0.0);
  EXPECT_EQ(outputs[0], outputs[1]);
  EXPECT_EQ(gradients[0], gradients[1]);
  EXPECT_EQ(running[0], running[1]);
}

TEST_P(FusedActivations, HaveTheSameBits) {
  for (const auto wanted : {Gradients::parameters, Gradients::parameters_and_input}) {
    expect_same_bits<Net>(GetParam(), wanted);
    expect_same_bits<Normalised>(GetParam(), wanted);
    expect_same_bits<Filtered>(GetParam(), wanted);
    expect_same_bits<Vectors>(GetParam(), wanted);
  }
}

INSTANTIATE_TEST_SUITE_P(InTrainingAndEvaluation, FusedActivations, testing::Bool());

TEST(FusedActivations, ALayerAtTheEndOfAPartRunsWithoutTheNextPartsActivation) {
  using Parts = Sequential<Linear<4, 6>, ReLU>;
  static_assert(fuses<Parts, Shape<4>, 0>);
  Model<Parts, Shape<4>> model{Seed{1}};
  const auto values = support::batch_of<Shape<4>>(support::random_values(8 * 4, 1));
  const auto before = copy_of(model.forward_part<0>(values).span());
  EXPECT_LT(*std::min_element(before.begin(), before.end()), 0.0F);
  const auto output = model.forward(values);
  for (std::size_t i = 0; i < before.size(); ++i)
    EXPECT_EQ(output.span()[i], std::max(before[i], 0.0F)) << i;
}

}  // namespace model_test
