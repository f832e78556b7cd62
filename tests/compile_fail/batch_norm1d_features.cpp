// SPDX-License-Identifier: MIT
// Batch normalisation of other features than reach it.
// expect: at_layer<1>
// expect: BatchNorm1d<64
// expect: expects<.*Shape<64>
// expect: got<.*Shape<32>
// expect: write_this<.*BatchNorm1d<32
// expect: another number of channels
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int features = 32;
#else
constexpr int features = 64;
#endif
static_assert(Output<Sequential<Linear<784, 32>, BatchNorm1d<features>>, Shape<784>>::size == 32);
