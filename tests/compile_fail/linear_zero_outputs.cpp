// SPDX-License-Identifier: MIT
// A linear layer without outputs.
// expect: Linear<784, 0
// expect: an argument of this layer is too small
// expect: at_layer<0>
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int outputs = 1;
#else
constexpr int outputs = 0;
#endif
static_assert(Output<Sequential<Linear<784, outputs>>, Shape<784>>::size == 1);
