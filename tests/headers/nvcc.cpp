// SPDX-License-Identifier: MIT
// A model that nvcc has to instantiate, not only to parse.

#include "lamina/lamina.hpp"

using namespace lamina;

using Net = Sequential<Conv2d<1, 8, 4, 2, 1>, BatchNorm2d<8>, ReLU, Flatten, Linear<infer, 4>>;
static_assert(std::same_as<Output<Net, Shape<1, 8, 8>>, Shape<4>>);

void train(const TensorRef<Shape<1, 8, 8>>& images, const TensorRef<Shape<4>>& target) {
  Model<Net, Shape<1, 8, 8>> model{Seed{1}};
  Adam adam{model.parameters()};
  const auto output = model.forward(images);
  const auto [loss, gradient] = mse_loss(output, target);
  model.zero_grad();
  model.backward(gradient);
  adam.step();
}
