// SPDX-License-Identifier: MIT
// Trains a small network. Compiled once for each instruction set, as losses_<VARIANT> and so on.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "lamina/lamina.hpp"

#define LAMINA_TEST_JOIN(a, b) a##b
#define LAMINA_TEST_NAME(a, b) LAMINA_TEST_JOIN(a, b)

using namespace lamina;

const char* LAMINA_TEST_NAME(instruction_set_, VARIANT)();
bool LAMINA_TEST_NAME(is_slow_, VARIANT)();
std::vector<double> LAMINA_TEST_NAME(losses_, VARIANT)();

const char* LAMINA_TEST_NAME(instruction_set_, VARIANT)() {
  return instruction_set();
}

/// Whether the library is to say that this build is slow.
bool LAMINA_TEST_NAME(is_slow_, VARIANT)() {
  return slow_instruction_set;
}

std::vector<double> LAMINA_TEST_NAME(losses_, VARIANT)() {
  using Image = Shape<1, 8, 8>;
  using Block = Residual<GroupNorm<3, 9>, SiLU, AddCondition<2, 9>, Conv2d<9, 9, 3, 1, 1>>;
  using Net =
      Sequential<Conv2d<1, 9, 4, 2, 1>, BatchNorm2d<9>, ReLU, Block,
                 Concat<Identity, Sequential<MaxPool2d<2>, Upsample<2>>, AvgPool2d<3, 1, 1>>,
                 ConvTranspose2d<27, 1, 4, 2, 1>, Sigmoid>;
  Tensor<Image> images(33);
  const Philox philox(Seed{5}, Stream::noise);
  for (std::size_t i = 0; i < images.span().size(); ++i)
    images.data()[i] = uniform(philox.word(0, i));

  const Tensor<Shape<2>> condition(33);
  const std::vector<std::uint8_t> labels(33, 7);
  const double classified = cross_entropy(TensorRef<Shape<64>>(images.data(), 33), labels).value;

  Model<Net, Image> model{Seed{1}};
  Adam adam{model.parameters()};
  std::vector<double> losses;
  for (int step = 0; step < 5; ++step) {
    const auto [loss, gradient] = mse_loss(model.forward(images, condition), images);
    model.zero_grad();
    model.backward(gradient);
    adam.step();
    losses.push_back(loss + classified);
  }
  return losses;
}
