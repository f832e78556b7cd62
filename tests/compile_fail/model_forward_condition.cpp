// SPDX-License-Identifier: MIT
// A condition of another shape than the network's layers take.
// expect: expects<.*Shape<16>
// expect: got<.*Shape<10>
// expect: another condition than the network's layers take
// errors: 1
#include "lamina/lamina.hpp"
using namespace lamina;

#ifdef TWIN
using Given = Shape<16>;
#else
using Given = Shape<10>;
#endif
using Net = Sequential<Conv2d<1, 4, 3, 1, 1>, AddCondition<16, 4>, Flatten>;

float first(Model<Net, Shape<1, 8, 8>>& model, const Tensor<Shape<1, 8, 8>>& images,
            const Tensor<Given>& condition) {
  return model.forward(images, condition).span()[0];
}
