// SPDX-License-Identifier: MIT
// A linear layer on an image.
// expect: at_layer<1>
// expect: Linear<6272, 10
// expect: expects<.*a_vector
// expect: got<.*Shape<32, 14, 14>
// expect: write_this<.*Flatten, .*Linear<6272, 10
// expect: this layer takes vectors
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

using Convolution = Conv2d<1, 32, 4, 2, 1>;
#ifdef TWIN
using Net = Sequential<Convolution, Flatten, Linear<6272, 10>>;
#else
using Net = Sequential<Convolution, Linear<6272, 10>>;
#endif
static_assert(Output<Net, Shape<1, 28, 28>>::size == 10);
