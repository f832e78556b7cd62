// SPDX-License-Identifier: MIT
// A model with a pool whose outermost windows would see padding only.
// expect: at_layer<0>
// expect: AvgPool2d<2, 2, 2
// expect: at most half of its kernel
// errors: 1
#include "lamina/lamina.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int padding = 1;
#else
constexpr int padding = 2;
#endif
using Net = Sequential<AvgPool2d<2, 2, padding>, Flatten, Linear<infer, 10>>;

float first(Model<Net, Shape<1, 8, 8>>& model, const Tensor<Shape<1, 8, 8>>& images) {
  return model.forward(images).span()[0];
}
