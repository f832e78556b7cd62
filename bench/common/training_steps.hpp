// SPDX-License-Identifier: MIT
#pragma once
// One training step of each network of the practical on a backend: forward, loss, backward, optimiser; of a
// GAN both sides. A step returns a loss.

#include <cstddef>
#include <cstdint>

#include "lamina/generative/gan.hpp"
#include "lamina/generative/vae.hpp"
#include "lamina/losses/losses.hpp"
#include "lamina/model/model.hpp"
#include "lamina/optim/adam.hpp"

#include "common/flops.hpp"
#include "common/networks/autoencoders.hpp"
#include "common/networks/dcgan.hpp"

namespace bench {

/// Bytes that are planned for models and their Adams, which keep two moments of each parameter.
template <class... Models>
std::size_t planned_bytes(std::size_t batch) {
  const auto of_one = [](const lamina::MemoryPlan& plan) {
    return plan.total() + 2 * plan.parameters;
  };
  return (of_one(Models::memory_plan(batch)) + ...);
}

template <class Kind, class B, lamina::Precision P>
class AutoencoderStep {
 public:
  using Image = examples::Image;
  using Model = lamina::Model<typename Kind::Net, Image, B, P>;
  static constexpr double flops_per_image = Flops<typename Kind::Net, Image>::step;
  static std::size_t planned(std::size_t batch) { return planned_bytes<Model>(batch); }

  double operator()(const lamina::TensorRef<Image, B>& images) {
    const auto output = model_.forward(images);
    const auto [loss, gradient] = lamina::mse_loss(output, images);
    model_.zero_grad();
    model_.backward(gradient);
    adam_.step();
    return loss;
  }

 private:
  Model model_{lamina::Seed{1}};
  lamina::Adam<B> adam_{model_.parameters()};
};

template <class B, lamina::Precision P>
class VaeStep {
  using Encoder = examples::Variational::Encoder;
  using Decoder = examples::Variational::Decoder;
  using DecoderFlops = Flops<Decoder, examples::Latent>;

 public:
  using Image = examples::Image;
  using Vae = lamina::Vae<Encoder, Decoder, Image, B, P>;
  static constexpr double flops_per_image = Flops<Encoder, Image>::step + DecoderFlops::forward +
                                            DecoderFlops::weights + DecoderFlops::input;
  static std::size_t planned(std::size_t batch) {
    return planned_bytes<typename Vae::encoder_model, typename Vae::decoder_model>(batch);
  }

  double operator()(const lamina::TensorRef<Image, B>& images) {
    const auto losses = vae_.forward(images, number_++);
    vae_.zero_grad();
    vae_.backward();
    encoder_.step();
    decoder_.step();
    return losses.sum();
  }

 private:
  Vae vae_{lamina::Seed{1}};
  lamina::Adam<B> encoder_{vae_.encoder().parameters()};
  lamina::Adam<B> decoder_{vae_.decoder().parameters()};
  std::uint64_t number_ = 0;
};

template <class Kind, class B, lamina::Precision P>
class DcganStep {
  using D = Flops<typename Kind::Discriminator, typename Kind::Image>;
  using G = Flops<typename Kind::Generator, typename Kind::Latent>;

 public:
  using Image = typename Kind::Image;
  using Gan = lamina::Gan<typename Kind::Generator, typename Kind::Discriminator,
                          typename Kind::Latent, Image, B, P>;
  static constexpr double flops_per_image = 2.0 * D::step + D::forward + D::input + G::step;
  static std::size_t planned(std::size_t batch) {
    return planned_bytes<typename Gan::generator_model, typename Gan::discriminator_model>(batch);
  }

  double operator()(const lamina::TensorRef<Image, B>& images) {
    return gan_.step(images, number_++).discriminator_loss;
  }

 private:
  Gan gan_{lamina::Seed{1}};
  std::uint64_t number_ = 0;
};

/// Calls visit.operator()<Step>(name) for each of them.
template <class B, lamina::Precision P, class Visit>
void for_each_training_step(const Visit& visit) {
  visit.template operator()<AutoencoderStep<examples::FullyConnected, B, P>>("fc-AE");
  visit.template operator()<AutoencoderStep<examples::Convolutional, B, P>>("cnn-AE");
  visit.template operator()<VaeStep<B, P>>("VAE");
  visit.template operator()<DcganStep<examples::Dcgan28, B, P>>("DCGAN-28");
  visit.template operator()<DcganStep<examples::GreyDcgan64, B, P>>("DCGAN-64");
}

}  // namespace bench
