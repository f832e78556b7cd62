// SPDX-License-Identifier: MIT
// A convolution is written for other channels than reach it.
// expect: at_layer<1>
// expect: [Cc]onv2d<3, 64, 4, 2, 1
// expect: expects<.*Shape<3, 14, 14>
// expect: got<.*Shape<32, 14, 14>
// expect: write_this<.*Conv2d<32, 64, 4, 2, 1
// expect: another number of channels
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int channels = 32;
#else
constexpr int channels = 3;
#endif
using Net = Sequential<Conv2d<1, 32, 4, 2, 1>, Conv2d<channels, 64, 4, 2, 1>, ReLU>;
static_assert(Output<Net, Shape<1, 28, 28>>::rank == 3);
