// SPDX-License-Identifier: MIT
#include "diffusion/learner.hpp"

#include "lamina/lamina.hpp"

#include "diffusion/diffusion_on.hpp"

namespace examples {

std::unique_ptr<DiffusionLearner> make_diffusion(lamina::Seed seed,
                                                 const lamina::NoiseSchedule& schedule, float ema,
                                                 Device device) {
  if (device == Device::cuda) return cuda_learners().diffusion(seed, schedule, ema);
  return std::make_unique<DiffusionOn<lamina::Cpu>>(seed, schedule, ema);
}

}  // namespace examples
