// SPDX-License-Identifier: MIT
// A Concat of branches with images of different size.
// expect: at_layer<1>
// expect: Concat<.*Sequential<>.*Conv2d<8, 4, 3, 2, 1
// expect: expects<.*Shape<4, 28, 28>
// expect: got<.*Shape<4, 14, 14>
// expect: may differ in their channels only
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int stride = 1;
#else
constexpr int stride = 2;
#endif
using Net = Sequential<Conv2d<1, 8, 3, 1, 1>, Concat<Identity, Conv2d<8, 4, 3, stride, 1>>, ReLU>;
static_assert(Output<Net, Shape<1, 28, 28>>::rank == 3);
