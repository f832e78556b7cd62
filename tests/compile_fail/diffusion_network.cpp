// SPDX-License-Identifier: MIT
// The network of a Diffusion that puts out another number of channels than the images have.
// expect: expects<.*Shape<1, 4, 4>
// expect: got<.*Shape<2, 4, 4>
// expect: the network of a Diffusion sees the noise
// errors: 1
#include "lamina/generative/diffusion.hpp"
#include "lamina/lamina.hpp"
using namespace lamina;

using Image = Shape<1, 4, 4>;
#ifdef TWIN
inline constexpr int channels = 1;
#else
inline constexpr int channels = 2;
#endif
using Net =
    Sequential<Conv2d<1, 4, 3, 1, 1>, AddCondition<8, 4>, SiLU, Conv2d<4, channels, 3, 1, 1>>;

double train(Diffusion<Net, Image>& diffusion, const Tensor<Image>& images) {
  const double loss = diffusion.forward(images, 0);
  diffusion.model().zero_grad();
  diffusion.backward();
  return loss;
}
