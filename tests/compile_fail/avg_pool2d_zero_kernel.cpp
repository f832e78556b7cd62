// SPDX-License-Identifier: MIT
// A pool without a window.
// expect: AvgPool2d<0
// expect: an argument of this layer is too small
// expect: at_layer<0>
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int kernel = 1;
#else
constexpr int kernel = 0;
#endif
static_assert(Output<Sequential<AvgPool2d<kernel>, ReLU>, Shape<1, 8, 8>>::rank == 3);
