// SPDX-License-Identifier: MIT
// Output padding as large as the stride.
// expect: ConvTranspose2d<8, 8, 3, 2, 1, 2
// expect: at_layer<0>
// expect: must be smaller than its stride
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int output_padding = 1;
#else
constexpr int output_padding = 2;
#endif
using Net = Sequential<ConvTranspose2d<8, 8, 3, 2, 1, output_padding>, ReLU>;
static_assert(Output<Net, Shape<8, 7, 7>>::rank == 3);
