// SPDX-License-Identifier: MIT
// A convolution stands behind a Flatten.
// expect: at_layer<1>
// expect: Conv2d<8, 4, 3
// expect: expects<.*an_image
// expect: got<.*Shape<32>
// expect: this layer takes images
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
using Front = ReLU;
#else
using Front = Flatten;
#endif
using Net = Sequential<Front, Conv2d<8, 4, 3, 1, 1>>;
static_assert(Output<Net, Shape<8, 2, 2>>::rank == 3);
