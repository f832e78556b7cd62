// SPDX-License-Identifier: MIT
// A pool's window is larger than the image that is left.
// expect: at_layer<1>
// expect: MaxPool2d<4, 4, 0
// expect: expects<.*at_least<.*Shape<8, 4, 4>
// expect: got<.*Shape<8, 3, 3>
// expect: larger than the padded image
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int kernel = 3;
#else
constexpr int kernel = 4;
#endif
using Net = Sequential<Conv2d<1, 8, 4, 2>, MaxPool2d<kernel>, Flatten>;
static_assert(Output<Net, Shape<1, 8, 8>>::rank == 1);
