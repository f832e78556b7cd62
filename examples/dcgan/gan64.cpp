// SPDX-License-Identifier: MIT
#include "gan_of.hpp"

namespace examples {

std::unique_ptr<Gan64> make_gan64(lamina::Seed seed, const lamina::GanOptions& options) {
  return std::make_unique<GanOf<GreyDcgan64>>(seed, options);
}

}  // namespace examples
