// SPDX-License-Identifier: MIT
// A Shape with more dimensions than an image has.
// expect: Shape<8, 1, 28, 28, 3>
// expect: a Shape has one to four dimensions
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
using Image = Shape<8, 1, 28, 28>;
#else
using Image = Shape<8, 1, 28, 28, 3>;
#endif
static_assert(Output<Sequential<Flatten, ReLU>, Image>::rank == 1);
