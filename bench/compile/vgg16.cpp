// SPDX-License-Identifier: MIT
// What compile_time.py compiles as a large network: VGG-16 with BatchNorm at 32x32 (Simonyan & Zisserman 2015,
// arXiv:1409.1556; its classifier narrowed to 512) and a training step.

#include <array>
#include <concepts>
#include <cstdint>
#include <iostream>

#include "lamina/lamina.hpp"

namespace {

using namespace lamina;

template <int In, int Out>
using Block = Sequential<Conv2d<In, Out, 3, 1, 1>, BatchNorm2d<Out>, ReLU>;

using Image = Shape<3, 32, 32>;
using Features = Sequential<Block<3, 64>, Block<64, 64>, MaxPool2d<2>,                        //
                            Block<64, 128>, Block<128, 128>, MaxPool2d<2>,                    //
                            Block<128, 256>, Block<256, 256>, Block<256, 256>, MaxPool2d<2>,  //
                            Block<256, 512>, Block<512, 512>, Block<512, 512>, MaxPool2d<2>,  //
                            Block<512, 512>, Block<512, 512>, Block<512, 512>, MaxPool2d<2>>;
using Classifier = Sequential<Flatten, Linear<512, 512>, ReLU, Dropout<0.5>,  //
                              Linear<512, 512>, ReLU, Dropout<0.5>,           //
                              Linear<512, 10>>;
using Vgg16 = Sequential<Features, Classifier>;
static_assert(std::same_as<Output<Vgg16, Image>, Shape<10>>);

}  // namespace

int main() {
  constexpr std::array<std::uint8_t, 4> labels{0, 3, 6, 9};
  Tensor<Image> images(labels.size());
  Cpu::normal(images.span().size(), Philox(Seed{1}, Stream::noise), 0, images.data());
  Model<Vgg16, Image> model{Seed{1}};
  Adam adam{model.parameters()};
  const auto logits = model.forward(images);
  const auto [loss, gradient] = cross_entropy(logits, labels);
  model.zero_grad();
  model.backward(gradient);
  adam.step();
  std::cout << "loss " << loss << '\n';
}
