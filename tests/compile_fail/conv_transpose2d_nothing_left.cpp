// SPDX-License-Identifier: MIT
// The padding of a transposed convolution cuts everything off.
// expect: at_layer<0>
// expect: ConvTranspose2d<8, 8, 2, 1, 1
// expect: expects<.*at_least<.*Shape<8, 2, 2>
// expect: got<.*Shape<8, 1, 1>
// expect: padding leaves nothing
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int kernel = 3;
#else
constexpr int kernel = 2;
#endif
static_assert(Output<Sequential<ConvTranspose2d<8, 8, kernel, 1, 1>>, Shape<8, 1, 1>>::rank == 3);
