// SPDX-License-Identifier: MIT
// A batch of images of another shape than the model takes.
// expect: expects<.*Shape<1, 28, 28>
// expect: got<.*Shape<3, 32, 32>
// expect: this batch .* has images of another shape
// errors: 1
#include "lamina/lamina.hpp"
using namespace lamina;

using Image = Shape<1, 28, 28>;
#ifdef TWIN
using Given = Image;
#else
using Given = Shape<3, 32, 32>;
#endif
using Net = Sequential<Flatten, Linear<784, 10>>;

double train(Model<Net, Image>& model, const Tensor<Given>& images,
             const Tensor<Shape<10>>& targets) {
  const auto& output = model.forward(images);
  const auto [loss, gradient] = mse_loss(output, targets);
  model.zero_grad();
  model.backward(gradient);
  return loss;
}
