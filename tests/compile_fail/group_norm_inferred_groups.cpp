// SPDX-License-Identifier: MIT
// Groups that do not divide the channels that the compiler finds, inside a block.
// expect: at_layer<1>
// expect: GroupNorm<8
// expect: got<.*Shape<12, 28, 28>
// expect: must divide their number
// errors: 1
#include "lamina/lamina.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int channels = 16;
#else
constexpr int channels = 12;
#endif
using Block = Sequential<Conv2d<infer, channels, 3, 1, 1>, GroupNorm<8, infer>, SiLU>;
using Net = Sequential<Block, Conv2d<infer, 1, 3, 1, 1>>;

float first(Model<Net, Shape<1, 28, 28>>& model, const Tensor<Shape<1, 28, 28>>& images) {
  return model.forward(images).span()[0];
}
