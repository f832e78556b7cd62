// SPDX-License-Identifier: MIT
// A Sequential of something that is no layer.
// expect: at_layer<1>
// expect: got<int>
// expect: is not a layer
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
using Second = ReLU;
#else
using Second = int;
#endif
using Net = Sequential<Flatten, Second>;
static_assert(Output<Net, Shape<1, 28, 28>>::rank == 1);
