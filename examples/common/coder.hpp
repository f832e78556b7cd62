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

/// Both parts of an autoencoder.
template <class Model>
class ModelCoder final : public Coder {
 public:
  explicit ModelCoder(Model& model) : model_(model) {}
  lamina::TensorRef<Latent> encode(const lamina::TensorRef<Image>& images) override {
    return model_.template forward_part<0>(images);
  }
  lamina::TensorRef<Image> decode(const lamina::TensorRef<Latent>& z) override {
    return model_.template forward_part<1>(z);
  }
  bool training() const override { return model_.training(); }
  void train(bool on) override { model_.train(on); }

 private:
  Model& model_;
};

/// A VAE without its noise: an image's latent vector is the mean of q(z | x).
class VaeCoder final : public Coder {
 public:
  explicit VaeCoder(VaeModel& vae) : vae_(vae) {}
  lamina::TensorRef<Latent> encode(const lamina::TensorRef<Image>& images) override {
    return vae_.encode(images);
  }
  lamina::TensorRef<Image> decode(const lamina::TensorRef<Latent>& z) override {
    return vae_.decode(z);
  }
  bool training() const override { return vae_.training(); }
  void train(bool on) override { vae_.train(on); }

 private:
  VaeModel& vae_;
};

/// `count` latent vectors of a standard normal distribution; other ones for another `pass`.
inline lamina::Tensor<Latent> normal_latents(std::size_t count, lamina::Seed seed,
                                             std::uint64_t pass = 0) {
  lamina::Tensor<Latent> z(count);
  lamina::Cpu::normal(z.span().size(), lamina::Philox(seed, lamina::Stream::latent), pass,
                      z.data());
  return z;
}

}  // namespace examples
