// SPDX-License-Identifier: MIT
// Two layers of one network that take conditions of different size.
// expect: at_layer<3>
// expect: AddCondition<10
// expect: expects<.*Shape<16>
// expect: got<.*Shape<10>
// expect: take the same one
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int features = 16;
#else
constexpr int features = 10;
#endif
using Net = Sequential<Conv2d<1, 32, 4, 2, 1>, AddCondition<16, infer>, SiLU,
                       AddCondition<features, infer>>;
static_assert(Output<Net, Shape<1, 28, 28>>::rank == 3);
