// SPDX-License-Identifier: MIT
// A pool whose outermost windows would see padding only.
// expect: at_layer<1>
// expect: MaxPool2d<3, 2, 2
// expect: at most half of its kernel
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int padding = 1;
#else
constexpr int padding = 2;
#endif
using Net = Sequential<Conv2d<1, 8, 3>, MaxPool2d<3, 2, padding>, Flatten>;
static_assert(Output<Net, Shape<1, 8, 8>>::rank == 1);
