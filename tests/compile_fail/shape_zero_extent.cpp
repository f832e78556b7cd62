// SPDX-License-Identifier: MIT
// A Shape with an empty dimension.
// expect: Shape<1, 0, 28>
// expect: every dimension of a Shape is at least 1
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int height = 28;
#else
constexpr int height = 0;
#endif
static_assert(Output<Sequential<Flatten, ReLU>, Shape<1, height, 28>>::rank == 1);
