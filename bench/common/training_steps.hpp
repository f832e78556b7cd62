// SPDX-License-Identifier: MIT
#pragma once
// One training step of each network of the practical, batch 128: forward, loss, backward, optimiser; of a
// GAN both sides.

#include <cstddef>
#include <cstdint>

#include <benchmark/benchmark.h>

#include "lamina/generative/gan.hpp"
#include "lamina/generative/vae.hpp"
#include "lamina/lamina.hpp"

#include "common/flops.hpp"
#include "common/networks/autoencoders.hpp"
#include "common/networks/dcgan.hpp"
#include "common/random_images.hpp"

namespace bench {

inline constexpr std::size_t batch = 128;

/// Bytes that are planned for models and their Adams, which keep two moments of each parameter.
template <class... Models>
std::size_t planned_bytes() {
  const auto of_one = [](const lamina::MemoryPlan& plan) {
    return plan.total() + 2 * plan.parameters;
  };
  return (of_one(Models::memory_plan(batch)) + ...);
}

template <class Kind>
class AutoencoderStep {
  using Model = examples::ModelOf<Kind>;

 public:
  using Image = examples::Image;
  static constexpr double flops_per_image = Flops<typename Kind::Net, Image>::step;
  static std::size_t planned() { return planned_bytes<Model>(); }

  explicit AutoencoderStep(const lamina::Tensor<Image>& images) : images_(images) {}

  void operator()() {
    const auto output = model_.forward(images_);
    const auto [loss, gradient] = lamina::mse_loss(output, images_);
    model_.zero_grad();
    model_.backward(gradient);
    adam_.step();
    benchmark::DoNotOptimize(loss);
  }

 private:
  const lamina::TensorRef<Image>& images_;
  Model model_{lamina::Seed{1}};
  lamina::Adam<lamina::Cpu> adam_{model_.parameters()};
};

class VaeStep {
  using Vae = examples::VaeModel;
  using Decoder = Flops<examples::Variational::Decoder, examples::Latent>;

 public:
  using Image = examples::Image;
  static constexpr double flops_per_image = Flops<examples::Variational::Encoder, Image>::step +
                                            Decoder::forward + Decoder::weights + Decoder::input;
  static std::size_t planned() { return planned_bytes<Vae::encoder_model, Vae::decoder_model>(); }

  explicit VaeStep(const lamina::Tensor<Image>& images) : images_(images) {}

  void operator()() {
    auto losses = vae_.forward(images_, number_++);
    vae_.zero_grad();
    vae_.backward();
    encoder_.step();
    decoder_.step();
    benchmark::DoNotOptimize(losses);
  }

 private:
  const lamina::TensorRef<Image>& images_;
  Vae vae_{lamina::Seed{1}};
  lamina::Adam<lamina::Cpu> encoder_{vae_.encoder().parameters()};
  lamina::Adam<lamina::Cpu> decoder_{vae_.decoder().parameters()};
  std::uint64_t number_ = 0;
};

template <class Kind>
class DcganStep {
  using Gan = lamina::Gan<typename Kind::Generator, typename Kind::Discriminator,
                          typename Kind::Latent, typename Kind::Image>;
  using D = Flops<typename Kind::Discriminator, typename Kind::Image>;
  using G = Flops<typename Kind::Generator, typename Kind::Latent>;

 public:
  using Image = typename Kind::Image;
  static constexpr double flops_per_image = 2.0 * D::step + D::forward + D::input + G::step;
  static std::size_t planned() {
    return planned_bytes<typename Gan::generator_model, typename Gan::discriminator_model>();
  }

  explicit DcganStep(const lamina::Tensor<Image>& images) : images_(images) {}

  void operator()() {
    auto figures = gan_.step(images_, number_++);
    benchmark::DoNotOptimize(figures);
  }

 private:
  const lamina::TensorRef<Image>& images_;
  Gan gan_{lamina::Seed{1}};
  std::uint64_t number_ = 0;
};

}  // namespace bench
