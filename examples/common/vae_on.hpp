// SPDX-License-Identifier: MIT
#pragma once
// The VAE on backend B.

#include <cstdint>
#include <utility>

#include "lamina/losses/losses.hpp"
#include "lamina/optim/adam.hpp"

#include "common/brought.hpp"
#include "common/evaluation.hpp"
#include "common/images.hpp"
#include "common/learner_on.hpp"
#include "common/vae_learner.hpp"

namespace examples {

template <class B>
class VaeOn final : public LearnerOn<VaeLearner, Image, B> {
  using Base = LearnerOn<VaeLearner, Image, B>;

 public:
  VaeOn(lamina::Seed seed, lamina::PixelModel pixels, float beta)
      : Base{std::in_place_type<VaeOn>, seed, pixels, beta},
        vae_{seed, pixels},
        encoder_adam_{vae_.encoder().parameters()},
        decoder_adam_{vae_.decoder().parameters()},
        beta_{beta} {
    auto& states = this->states();
    states.add("encoder.", vae_.encoder().state());
    states.add("decoder.", vae_.decoder().state());
    states.add("encoder_adam.", encoder_adam_.state());
    states.add("decoder_adam.", decoder_adam_.state());
    states.add("run.",
               lamina::State<lamina::Cpu>{{},
                                          {{"encoder_passes", &vae_.encoder().training_passes()},
                                           {"decoder_passes", &vae_.decoder().training_passes()}}});
  }

  lamina::TensorRef<Latent> encode(const lamina::TensorRef<Image>& images) override {
    return latents_here_(vae_.encode(images_there_(images)));
  }
  lamina::TensorRef<Image> decode(const lamina::TensorRef<Latent>& z) override {
    return images_here_(vae_.decode(latents_there_(z)));
  }
  bool training() const override { return vae_.training(); }
  void train(bool on) override {
    this->forget_steps();
    vae_.train(on);
  }

  VaeEvaluation evaluate(const lamina::Dataset<Image>& images) override {
    const EvaluationMode evaluation(*this);
    VaeEvaluation result;
    result.kl.assign(latent_size, 0.0);
    std::uint64_t draw = std::uint64_t{1} << 32;  // far from those of training steps
    const auto squared_error = [](const auto& output, const auto& batch) {
      return lamina::mse_loss(output, batch, lamina::Reduction::sum).value;
    };
    for (const auto& batch : lamina::batches_on<B>(images, evaluation_batch, lamina::InOrder{})) {
      const auto count = static_cast<double>(batch.images.size());
      const auto losses = vae_.forward(batch.images, draw++);
      result.losses.reconstruction += losses.reconstruction * count;
      result.losses.kl += losses.kl * count;
      const auto divergences = vae_.divergences();
      for (std::size_t i = 0; i < latent_size; ++i)
        result.kl[i] += divergences[i];
      result.mse_sample += squared_error(vae_.reconstruction(), batch.images);
      result.mse_mean += squared_error(vae_.decode(vae_.encode(batch.images)), batch.images);
    }
    const auto count = static_cast<double>(images.size());
    result.losses.reconstruction /= count;
    result.losses.kl /= count;
    for (double& nats : result.kl)
      nats /= count;
    result.mse_sample /= count * Image::size;
    result.mse_mean /= count * Image::size;
    return result;
  }

 private:
  lamina::train::Figures step(const lamina::Batch<Image, B>& batch, std::int64_t number) override {
    const auto losses = vae_.forward(batch.images, static_cast<std::uint64_t>(number));
    vae_.zero_grad();
    vae_.backward(beta_);
    encoder_adam_.step();
    decoder_adam_.step();
    return {{"reconstruction", losses.reconstruction}, {"kl", losses.kl}};
  }
  void set_learning_rate(float rate) override {
    encoder_adam_.set_learning_rate(rate);
    decoder_adam_.set_learning_rate(rate);
  }

  lamina::Vae<Variational::Encoder, Variational::Decoder, Image, B> vae_;
  lamina::Adam<B> encoder_adam_;
  lamina::Adam<B> decoder_adam_;
  float beta_;
  Brought<B, Image> images_there_;
  Brought<B, Latent> latents_there_;
  Brought<lamina::Cpu, Image> images_here_;
  Brought<lamina::Cpu, Latent> latents_here_;
};

}  // namespace examples
