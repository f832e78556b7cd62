// SPDX-License-Identifier: MIT
// Batch normalisation of other channels than reach it.
// expect: at_layer<1>
// expect: BatchNorm2d<31
// expect: expects<.*Shape<31, 14, 14>
// expect: got<.*Shape<32, 14, 14>
// expect: write_this<.*BatchNorm2d<32
// expect: another number of channels
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int channels = 32;
#else
constexpr int channels = 31;
#endif
using Net = Sequential<Conv2d<1, 32, 4, 2, 1>, BatchNorm2d<channels>, ReLU>;
static_assert(Output<Net, Shape<1, 28, 28>>::rank == 3);
