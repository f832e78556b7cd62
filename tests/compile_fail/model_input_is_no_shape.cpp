// SPDX-License-Identifier: MIT
// A model for an input that is no Shape.
// expect: Model
// expect: AnyShape
// errors: 1
#include "lamina/lamina.hpp"
using namespace lamina;

#ifdef TWIN
using Image = Shape<784>;
#else
using Image = Tensor<Shape<784>>;
#endif
Model<Sequential<Linear<784, 10>>, Image>* model = nullptr;
