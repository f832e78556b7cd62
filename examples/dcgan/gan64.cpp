// SPDX-License-Identifier: MIT
#include "lamina/lamina.hpp"

#include "gan_of.hpp"

namespace examples {

std::unique_ptr<Gan64> make_gan64(lamina::Seed seed, const lamina::GanOptions& options,
                                  Device device) {
  if (device == Device::cuda) return cuda_learners().gan64(seed, options);
  return std::make_unique<GanOf<GreyDcgan64, lamina::Cpu>>(seed, options);
}

}  // namespace examples
