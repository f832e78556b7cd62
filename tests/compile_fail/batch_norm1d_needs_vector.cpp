// SPDX-License-Identifier: MIT
// BatchNorm1d where BatchNorm2d is needed.
// expect: at_layer<1>
// expect: BatchNorm1d<32
// expect: expects<.*a_vector
// expect: got<.*Shape<32, 14, 14>
// expect: write_this<.*BatchNorm2d<32
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
using Norm = BatchNorm2d<32>;
#else
using Norm = BatchNorm1d<32>;
#endif
using Net = Sequential<Conv2d<1, 32, 4, 2, 1>, Norm, ReLU>;
static_assert(Output<Net, Shape<1, 28, 28>>::rank == 3);
