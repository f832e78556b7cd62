// SPDX-License-Identifier: MIT
// A linear layer is written for other features than reach it.
// expect: at_layer<2>
// expect: Linear<512, 256
// expect: expects<.*Shape<512>
// expect: got<.*Shape<500>
// expect: write_this<.*Linear<500, 256
// expect: another number of channels or features
// errors: 1
#include "lamina/shapes.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int features = 500;
#else
constexpr int features = 512;
#endif
using Net = Sequential<Linear<784, 500>, ReLU, Linear<features, 256>>;
static_assert(Output<Net, Shape<784>>::size == 256);
