// SPDX-License-Identifier: MIT
// A condition of nothing.
// expect: at_layer<0>
// expect: AddCondition<0, 32
// expect: an argument of this layer is too small
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int features = 1;
#else
constexpr int features = 0;
#endif
static_assert(Output<Sequential<AddCondition<features, 32>>, Shape<32, 7, 7>>::rank == 3);
