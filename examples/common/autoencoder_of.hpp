// SPDX-License-Identifier: MIT
#pragma once
// An autoencoder of one kind on backend B.

#include <utility>

#include "lamina/losses/losses.hpp"

#include "common/autoencoder_learner.hpp"
#include "common/brought.hpp"
#include "common/one_model_on.hpp"

namespace examples {

template <AutoencoderKind Kind, class B>
class AutoencoderOf final : public OneModelOn<AutoencoderLearner, Image, typename Kind::Net, B> {
  using Base = OneModelOn<AutoencoderLearner, Image, typename Kind::Net, B>;
  using Base::model_;

 public:
  explicit AutoencoderOf(lamina::Seed seed) : Base{std::in_place_type<AutoencoderOf>, seed} {}

  lamina::TensorRef<Latent> encode(const lamina::TensorRef<Image>& images) override {
    return latents_here_(model_.template forward_part<0>(images_there_(images)));
  }
  lamina::TensorRef<Image> decode(const lamina::TensorRef<Latent>& z) override {
    return images_here_(model_.template forward_part<1>(latents_there_(z)));
  }

 private:
  lamina::train::Figures step(const lamina::Batch<Image, B>& batch, std::int64_t) override {
    return this->descend(lamina::mse_loss(model_.forward(batch.images), batch.images));
  }

  Brought<B, Image> images_there_;
  Brought<B, Latent> latents_there_;
  Brought<lamina::Cpu, Image> images_here_;
  Brought<lamina::Cpu, Latent> latents_here_;
};

}  // namespace examples
