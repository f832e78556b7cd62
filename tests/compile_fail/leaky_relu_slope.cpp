// SPDX-License-Identifier: MIT
// A LeakyReLU whose slope is 0.
// expect: LeakyReLU<0
// expect: at_layer<0>
// expect: slope of a LeakyReLU must be positive
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr double slope = 0.2;
#else
constexpr double slope = 0.0;
#endif
static_assert(Output<Sequential<LeakyReLU<slope>, Flatten>, Shape<1, 28, 28>>::size == 784);
