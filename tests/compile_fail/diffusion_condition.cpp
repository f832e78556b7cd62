// SPDX-License-Identifier: MIT
// The network of a Diffusion that nothing tells the step.
// expect: expects<.*a_layer_with_a_condition
// expect: got<.*no_condition
// expect: Put AddCondition<features, channels> behind its convolutions
// errors: 1
#include "lamina/generative/diffusion.hpp"
#include "lamina/lamina.hpp"
using namespace lamina;

using Image = Shape<1, 4, 4>;
#ifdef TWIN
using Net = Sequential<Conv2d<1, 4, 3, 1, 1>, AddCondition<8, 4>, SiLU, Conv2d<4, 1, 3, 1, 1>>;
#else
using Net = Sequential<Conv2d<1, 4, 3, 1, 1>, SiLU, Conv2d<4, 1, 3, 1, 1>>;
#endif

double train(Diffusion<Net, Image>& diffusion, const Tensor<Image>& images) {
  const double loss = diffusion.forward(images, 0);
  diffusion.model().zero_grad();
  diffusion.backward();
  return loss;
}
