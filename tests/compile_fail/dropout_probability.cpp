// SPDX-License-Identifier: MIT
// A Dropout that drops everything.
// expect: Dropout<1
// expect: at_layer<0>
// expect: must be at least 0 and below 1
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr double probability = 0.5;
#else
constexpr double probability = 1.0;
#endif
static_assert(Output<Sequential<Dropout<probability>, Flatten>, Shape<1, 28, 28>>::size == 784);
