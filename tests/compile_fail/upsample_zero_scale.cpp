// SPDX-License-Identifier: MIT
// Upsampling to nothing.
// expect: at_layer<0>
// expect: Upsample<0
// expect: an argument of this layer is too small
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int scale = 1;
#else
constexpr int scale = 0;
#endif
static_assert(Output<Sequential<Upsample<scale>, ReLU>, Shape<1, 8, 8>>::rank == 3);
