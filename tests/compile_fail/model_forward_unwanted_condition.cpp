// SPDX-License-Identifier: MIT
// A condition for a network whose layers take none.
// expect: expects<.*no_condition
// expect: got<.*Shape<16>
// expect: another condition than the network's layers take
// errors: 1
#include "lamina/lamina.hpp"
using namespace lamina;

using Net = Sequential<Conv2d<1, 4, 3, 1, 1>, Flatten>;

float first(Model<Net, Shape<1, 8, 8>>& model, const Tensor<Shape<1, 8, 8>>& images,
            [[maybe_unused]] const Tensor<Shape<16>>& condition) {
#ifdef TWIN
  return model.forward(images).span()[0];
#else
  return model.forward(images, condition).span()[0];
#endif
}
