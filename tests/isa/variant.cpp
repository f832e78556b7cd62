// SPDX-License-Identifier: MIT
// Trains a small network. Compiled once for each instruction set, as losses_<VARIANT> and so on.

#include <cstddef>
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
  return vector_lanes < 8;
}

std::vector<double> LAMINA_TEST_NAME(losses_, VARIANT)() {
  using Image = Shape<1, 8, 8>;
  using Net = Sequential<Conv2d<1, 9, 4, 2, 1>, BatchNorm2d<9>, ReLU,
                         ConvTranspose2d<9, 1, 4, 2, 1>, Sigmoid>;
  Tensor<Image> images(33);
  const Philox philox(Seed{5}, Stream::noise);
  for (std::size_t i = 0; i < images.span().size(); ++i)
    images.data()[i] = uniform(philox.word(0, i));

  Model<Net, Image> model{Seed{1}};
  Adam adam{model.parameters()};
  std::vector<double> losses;
  for (int step = 0; step < 5; ++step) {
    const auto [loss, gradient] = mse_loss(model.forward(images), images);
    model.zero_grad();
    model.backward(gradient);
    adam.step();
    losses.push_back(loss);
  }
  return losses;
}
