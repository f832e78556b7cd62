// SPDX-License-Identifier: MIT
// binary_cross_entropy_with_logits between two shapes.
// expect: expects<.*Shape<1, 28, 28>
// expect: got<.*Shape<10>
// expect: compares two batches of one shape
// errors: 1
#include "lamina/lamina.hpp"
using namespace lamina;

#ifdef TWIN
using Target = Shape<10>;
#else
using Target = Shape<1, 28, 28>;
#endif
using Net = Sequential<Flatten, Linear<784, 10>, Sigmoid>;

double train(Model<Net, Shape<1, 28, 28>>& model, const Tensor<Shape<1, 28, 28>>& images,
             const Tensor<Target>& targets) {
  const auto& output = model.forward(images);
  const auto [loss, gradient] = binary_cross_entropy_with_logits(output, targets);
  model.zero_grad();
  model.backward(gradient);
  return loss;
}
