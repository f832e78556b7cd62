// SPDX-License-Identifier: MIT
// An Unflatten into an image of another size.
// expect: at_layer<1>
// expect: Unflatten<128, 7, 7
// expect: expects<.*Shape<6272>
// expect: got<.*Shape<3136>
// expect: channels \* height \* width
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int channels = 64;
#else
constexpr int channels = 128;
#endif
using Net = Sequential<Linear<128, 3136>, Unflatten<channels, 7, 7>, ReLU>;
static_assert(Output<Net, Shape<128>>::rank == 3);
