// SPDX-License-Identifier: MIT
#pragma once
// What encodes images and decodes latent vectors: an autoencoder or a VAE, behind one interface, so
// that what looks at them is compiled once.

#include <cstddef>
#include <cstdint>

#include "lamina/core/random.hpp"
#include "lamina/core/tensor.hpp"

#include "common/networks/autoencoders.hpp"

namespace examples {

/// Results are valid until the next call.
class Coder {
 public:
  Coder() = default;
  Coder(const Coder&) = delete;
  Coder& operator=(const Coder&) = delete;
  virtual ~Coder() = default;

  virtual lamina::TensorRef<Latent> encode(const lamina::TensorRef<Image>& images) = 0;
  virtual lamina::TensorRef<Image> decode(const lamina::TensorRef<Latent>& z) = 0;
  virtual bool training() const = 0;
  virtual void train(bool on) = 0;
};

/// `count` latent vectors of a standard normal distribution; other ones for another `pass`.
lamina::Tensor<Latent> normal_latents(std::size_t count, lamina::Seed seed, std::uint64_t pass = 0);

}  // namespace examples
