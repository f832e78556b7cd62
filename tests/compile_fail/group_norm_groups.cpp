// SPDX-License-Identifier: MIT
// Groups that do not divide the channels.
// expect: at_layer<1>
// expect: GroupNorm<5, 32
// expect: got<.*Shape<32, 14, 14>
// expect: must divide their number
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int groups = 4;
#else
constexpr int groups = 5;
#endif
using Net = Sequential<Conv2d<1, 32, 4, 2, 1>, GroupNorm<groups, 32>, SiLU>;
static_assert(Output<Net, Shape<1, 28, 28>>::rank == 3);
