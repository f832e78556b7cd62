// SPDX-License-Identifier: MIT
#include "common/coder.hpp"

#include "lamina/lamina.hpp"

namespace examples {

lamina::Tensor<Latent> normal_latents(std::size_t count, lamina::Seed seed, std::uint64_t pass) {
  lamina::Tensor<Latent> z(count);
  lamina::Cpu::normal(z.span().size(), lamina::Philox(seed, lamina::Stream::latent), pass,
                      z.data());
  return z;
}

}  // namespace examples
