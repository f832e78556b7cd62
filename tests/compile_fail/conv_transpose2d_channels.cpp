// SPDX-License-Identifier: MIT
// A transposed convolution is written for other channels than reach it.
// expect: at_layer<1>
// expect: ConvTranspose2d<64, 32, 4, 2, 1
// expect: expects<.*Shape<64, 1, 1>
// expect: got<.*Shape<128, 1, 1>
// expect: write_this<.*ConvTranspose2d<128, 32, 4, 2, 1
// expect: another number of channels
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int channels = 128;
#else
constexpr int channels = 64;
#endif
using Net = Sequential<Unflatten<128, 1, 1>, ConvTranspose2d<channels, 32, 4, 2, 1>, Tanh>;
static_assert(Output<Net, Shape<128>>::rank == 3);
