// SPDX-License-Identifier: MIT
// A gradient of another shape than the model's output.
// expect: expects<.*Shape<10>
// expect: got<.*Shape<1, 28, 28>
// expect: this gradient has another shape
// errors: 1
#include "lamina/lamina.hpp"
using namespace lamina;

#ifdef TWIN
using Given = Shape<10>;
#else
using Given = Shape<1, 28, 28>;
#endif
using Net = Sequential<Flatten, Linear<784, 10>>;

void learn(Model<Net, Shape<1, 28, 28>>& model, const Tensor<Given>& gradient) {
  model.zero_grad();
  model.backward(gradient);
}
