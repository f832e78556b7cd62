// SPDX-License-Identifier: MIT
// An Unflatten of an image.
// expect: at_layer<0>
// expect: Unflatten<16, 7, 7
// expect: expects<.*a_vector
// expect: got<.*Shape<1, 28, 28>
// expect: write_this<.*Flatten, .*Unflatten<16, 7, 7
// expect: this layer takes vectors
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
using Net = Sequential<Flatten, Unflatten<16, 7, 7>>;
#else
using Net = Sequential<Unflatten<16, 7, 7>, ReLU>;
#endif
static_assert(Output<Net, Shape<1, 28, 28>>::rank == 3);
