// SPDX-License-Identifier: MIT
#include "common/vae_learner.hpp"

#include "lamina/lamina.hpp"

#include "common/vae_on.hpp"

namespace examples {

std::unique_ptr<VaeLearner> make_vae(lamina::Seed seed, lamina::PixelModel pixels, float beta,
                                     Device device) {
  if (device == Device::cuda) return cuda_learners().vae(seed, pixels, beta);
  return std::make_unique<VaeOn<lamina::Cpu>>(seed, pixels, beta);
}

}  // namespace examples
