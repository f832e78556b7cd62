// SPDX-License-Identifier: MIT
// A decoder whose Unflatten is missing.
// expect: at_layer<0>
// expect: ConvTranspose2d<128, 64, 7
// expect: expects<.*an_image
// expect: got<.*Shape<128>
// expect: this layer takes images
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
using Latent = Shape<128, 1, 1>;
#else
using Latent = Shape<128>;
#endif
static_assert(Output<Sequential<ConvTranspose2d<128, 64, 7>, ReLU>, Latent>::rank == 3);
