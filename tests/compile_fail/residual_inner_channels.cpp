// SPDX-License-Identifier: MIT
// A wrong layer inside of a Residual is reported as that layer, where it stands in it.
// expect: at_layer<1>
// expect: Conv2d<7, 8, 3, 1, 1
// expect: expects<.*Shape<7, 28, 28>
// expect: got<.*Shape<8, 28, 28>
// expect: write_this<.*Conv2d<8, 8, 3, 1, 1
// expect: another number of channels
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int channels = 8;
#else
constexpr int channels = 7;
#endif
using Block = Residual<GroupNorm<4, 8>, Conv2d<channels, 8, 3, 1, 1>, SiLU>;
static_assert(Output<Sequential<Conv2d<1, 8, 3, 1, 1>, Block>, Shape<1, 28, 28>>::rank == 3);
