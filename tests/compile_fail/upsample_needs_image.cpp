// SPDX-License-Identifier: MIT
// Upsampling of a vector.
// expect: at_layer<1>
// expect: Upsample<2
// expect: expects<.*an_image
// expect: got<.*Shape<49>
// expect: write_this<.*Unflatten<49, 1, 1>, .*Upsample<2
// expect: takes images
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
using Net = Sequential<Linear<16, 49>, Unflatten<1, 7, 7>, Upsample<2>>;
#else
using Net = Sequential<Linear<16, 49>, Upsample<2>>;
#endif
static_assert(Output<Net, Shape<16>>::rank == 3);
