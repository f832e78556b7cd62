// SPDX-License-Identifier: MIT
// A Residual whose layers change the number of channels.
// expect: at_layer<1>
// expect: Residual<.*Conv2d<8, 16, 3, 1, 1
// expect: expects<.*Shape<8, 28, 28>
// expect: got<.*Shape<16, 28, 28>
// expect: both must have one shape
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int channels = 8;
#else
constexpr int channels = 16;
#endif
using Net =
    Sequential<Conv2d<1, 8, 3, 1, 1>, Residual<Conv2d<8, channels, 3, 1, 1>, ReLU>, Flatten>;
static_assert(Output<Net, Shape<1, 28, 28>>::rank == 1);
