// SPDX-License-Identifier: MIT
// cross_entropy of a network that ends in images.
// expect: expects<.*a_vector
// expect: got<.*Shape<10, 1, 1>
// expect: one number for each class
// errors: 1
#include <cstdint>
#include <vector>

#include "lamina/lamina.hpp"
using namespace lamina;

#ifdef TWIN
using Net = Sequential<Conv2d<1, 10, 28>, Flatten>;
#else
using Net = Sequential<Conv2d<1, 10, 28>>;
#endif

double train(Model<Net, Shape<1, 28, 28>>& model, const Tensor<Shape<1, 28, 28>>& images,
             const std::vector<std::uint8_t>& labels) {
  const auto& logits = model.forward(images);
  const auto [loss, gradient] = cross_entropy(logits, labels);
  model.zero_grad();
  model.backward(gradient);
  return loss;
}
