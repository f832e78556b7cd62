// SPDX-License-Identifier: MIT
#include "lamina/lamina.hpp"

#include "gan_of.hpp"

namespace examples {

std::unique_ptr<Gan28> make_gan28_width64(lamina::Seed seed, const lamina::GanOptions& options,
                                          Device device) {
  if (device == Device::cuda) return cuda_learners().gan28_width64(seed, options);
  return std::make_unique<GanOf<Dcgan28Of<64>, lamina::Cpu>>(seed, options);
}

}  // namespace examples
