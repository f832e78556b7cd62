// SPDX-License-Identifier: MIT
// A pool behind a Flatten.
// expect: at_layer<1>
// expect: MaxPool2d<2
// expect: expects<.*an_image
// expect: got<.*Shape<64>
// expect: write_this<.*Unflatten<64, 1, 1>, .*MaxPool2d<2
// expect: takes images
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
using Net = Sequential<MaxPool2d<2>, Flatten, ReLU>;
#else
using Net = Sequential<Flatten, MaxPool2d<2>, Flatten>;
#endif
static_assert(Output<Net, Shape<1, 8, 8>>::rank == 1);
