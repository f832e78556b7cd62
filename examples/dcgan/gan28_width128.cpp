// SPDX-License-Identifier: MIT
#include "gan_of.hpp"

namespace examples {

std::unique_ptr<Gan28> make_gan28_width128(lamina::Seed seed, const lamina::GanOptions& options) {
  return std::make_unique<GanOf<Dcgan28Of<128>>>(seed, options);
}

}  // namespace examples
