// SPDX-License-Identifier: MIT
// No groups at all.
// expect: at_layer<0>
// expect: GroupNorm<0, 32
// expect: an argument of this layer is too small
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int groups = 1;
#else
constexpr int groups = 0;
#endif
static_assert(Output<Sequential<GroupNorm<groups, 32>>, Shape<32, 7, 7>>::rank == 3);
