// SPDX-License-Identifier: MIT
// Images alone for a network that takes a condition.
// expect: expects<.*Shape<16>
// expect: got<.*no_condition
// expect: another condition than the network's layers take
// errors: 1
#include "lamina/lamina.hpp"
using namespace lamina;

using Net = Sequential<Conv2d<1, 4, 3, 1, 1>, AddCondition<16, 4>, Flatten>;

float first(Model<Net, Shape<1, 8, 8>>& model, const Tensor<Shape<1, 8, 8>>& images,
            [[maybe_unused]] const Tensor<Shape<16>>& condition) {
#ifdef TWIN
  return model.forward(images, condition).span()[0];
#else
  return model.forward(images).span()[0];
#endif
}
