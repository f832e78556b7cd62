// SPDX-License-Identifier: MIT
// A window is larger than the padded image under it.
// expect: at_layer<2>
// expect: Conv2d<8, 8, 5, 1, 1
// expect: expects<.*at_least<.*Shape<8, 3, 3>
// expect: got<.*Shape<8, 2, 2>
// expect: larger than the padded image
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int kernel = 4;
#else
constexpr int kernel = 5;
#endif
using Net = Sequential<Conv2d<1, 8, 4, 4>, ReLU, Conv2d<8, 8, kernel, 1, 1>>;
static_assert(Output<Net, Shape<1, 8, 8>>::rank == 3);
