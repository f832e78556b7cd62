// SPDX-License-Identifier: MIT
// A model with a Residual that shrinks its images, inside of a Concat's branch.
// expect: at_layer<0>
// expect: Residual<.*Conv2d<4, 4, 3
// expect: expects<.*Shape<4, 8, 8>
// expect: got<.*Shape<4, 6, 6>
// expect: both must have one shape
// errors: 1
#include "lamina/lamina.hpp"
using namespace lamina;

#ifdef TWIN
constexpr int padding = 1;
#else
constexpr int padding = 0;
#endif
using Block = Residual<Conv2d<4, 4, 3, 1, padding>>;
using Net = Sequential<Conv2d<1, 4, 3, 1, 1>, Concat<Identity, Sequential<Block, ReLU>>, Flatten>;

double train(Model<Net, Shape<1, 8, 8>>& model, const Tensor<Shape<1, 8, 8>>& images,
             const Tensor<Model<Net, Shape<1, 8, 8>>::output_shape>& targets) {
  const auto [loss, gradient] = mse_loss(model.forward(images), targets);
  model.zero_grad();
  model.backward(gradient);
  return loss;
}
