// SPDX-License-Identifier: MIT
// A model in which only the last of three branches ends in a vector.
// expect: at_layer<0>
// expect: Concat<.*Flatten
// expect: expects<.*Shape<64, 8, 8>
// expect: got<.*Shape<64>
// expect: may differ in their channels only
// errors: 1
#include "lamina/lamina.hpp"
using namespace lamina;

#ifdef TWIN
using Last = Sequential<Flatten, Unflatten<1, 8, 8>>;
#else
using Last = Sequential<Flatten>;
#endif
using Net = Sequential<Concat<Identity, Conv2d<1, 2, 3, 1, 1>, Last>, Flatten, Linear<infer, 10>>;

float first(Model<Net, Shape<1, 8, 8>>& model, const Tensor<Shape<1, 8, 8>>& images) {
  return model.forward(images).span()[0];
}
