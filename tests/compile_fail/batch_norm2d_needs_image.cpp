// SPDX-License-Identifier: MIT
// BatchNorm2d where BatchNorm1d is needed.
// expect: at_layer<1>
// expect: BatchNorm2d<32
// expect: expects<.*an_image
// expect: got<.*Shape<32>
// expect: write_this<.*BatchNorm1d<32
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
using Norm = BatchNorm1d<32>;
#else
using Norm = BatchNorm2d<32>;
#endif
static_assert(Output<Sequential<Linear<784, 32>, Norm, ReLU>, Shape<784>>::rank == 1);
