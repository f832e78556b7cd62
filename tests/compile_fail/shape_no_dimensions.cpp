// SPDX-License-Identifier: MIT
// A Shape without dimensions.
// expect: Shape<>
// expect: a Shape has one to four dimensions
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
using Image = Shape<1>;
#else
using Image = Shape<>;
#endif
static_assert(Output<Sequential<Linear<1, 2>, ReLU>, Image>::rank == 1);
