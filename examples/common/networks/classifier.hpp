// SPDX-License-Identifier: MIT
#pragma once
// The classifier of Fashion-MNIST. What its last hidden layer says of an image is what generated images
// are judged by (common/score.hpp).

#include <concepts>

#include "lamina/shapes.hpp"

namespace examples {

struct Classifier {
  using Image = lamina::Shape<1, 28, 28>;
  using Features =
      lamina::Sequential<lamina::Conv2d<1, 32, 3, 1, 1>, lamina::ReLU, lamina::MaxPool2d<2>,   //
                         lamina::Conv2d<32, 64, 3, 1, 1>, lamina::ReLU, lamina::MaxPool2d<2>,  //
                         lamina::Flatten, lamina::Dropout<0.3>,                                //
                         lamina::Linear<64 * 7 * 7, 128>, lamina::ReLU>;
  using Net = lamina::Sequential<Features, lamina::Linear<128, 10>>;
};
static_assert(std::same_as<lamina::Output<Classifier::Net, Classifier::Image>, lamina::Shape<10>>);

/// Mean and standard deviation of the training images' pixels, which the classifier's input is
/// standardised with.
inline constexpr float pixel_mean = 0.2860F;
inline constexpr float pixel_deviation = 0.3530F;

}  // namespace examples
