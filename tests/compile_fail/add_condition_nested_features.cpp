// SPDX-License-Identifier: MIT
// The same, in a model and inside a block, which is right if it stands alone.
// expect: at_layer<1>
// expect: AddCondition<10
// expect: expects<.*Shape<16>
// expect: got<.*Shape<10>
// expect: take the same one
// errors: 1
#include "lamina/lamina.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int features = 16;
#else
constexpr int features = 10;
#endif
using Block = Residual<Conv2d<4, 4, 3, 1, 1>, AddCondition<features, 4>>;
using Net = Sequential<Conv2d<1, 4, 3, 1, 1>, AddCondition<16, 4>, Sequential<SiLU, Block>>;

float first(Model<Net, Shape<1, 8, 8>>& model, const Tensor<Shape<1, 8, 8>>& images,
            const Tensor<Shape<16>>& condition) {
  return model.forward(images, condition).span()[0];
}
