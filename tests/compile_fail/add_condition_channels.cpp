// SPDX-License-Identifier: MIT
// A condition for other channels than reach it.
// expect: at_layer<1>
// expect: AddCondition<16, 64
// expect: expects<.*Shape<64, 14, 14>
// expect: got<.*Shape<32, 14, 14>
// expect: write_this<.*AddCondition<16, 32
// expect: another number of channels
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int channels = 32;
#else
constexpr int channels = 64;
#endif
using Net = Sequential<Conv2d<1, 32, 4, 2, 1>, AddCondition<16, channels>, SiLU>;
static_assert(Output<Net, Shape<1, 28, 28>>::rank == 3);
