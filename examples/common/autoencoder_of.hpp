// SPDX-License-Identifier: MIT
#pragma once
// An autoencoder of one kind on backend B.

#include <utility>

#include "lamina/losses/losses.hpp"
#include "lamina/model/model.hpp"
#include "lamina/optim/adam.hpp"

#include "common/autoencoder_learner.hpp"
#include "common/brought.hpp"
#include "common/learner_on.hpp"

namespace examples {

template <AutoencoderKind Kind, class B>
class AutoencoderOf final : public LearnerOn<AutoencoderLearner, Image, B> {
  using Base = LearnerOn<AutoencoderLearner, Image, B>;

 public:
  explicit AutoencoderOf(lamina::Seed seed)
      : Base{std::in_place_type<AutoencoderOf>, seed}, model_{seed}, adam_{model_.parameters()} {
    auto& states = this->states();
    states.add("model.", model_.state());
    states.add("adam.", adam_.state());
    states.add("run.",
               lamina::State<lamina::Cpu>{{}, {{"training_passes", &model_.training_passes()}}});
  }

  lamina::TensorRef<Latent> encode(const lamina::TensorRef<Image>& images) override {
    return latents_here_(model_.template forward_part<0>(images_there_(images)));
  }
  lamina::TensorRef<Image> decode(const lamina::TensorRef<Latent>& z) override {
    return images_here_(model_.template forward_part<1>(latents_there_(z)));
  }
  bool training() const override { return model_.training(); }
  void train(bool on) override {
    this->forget_steps();
    model_.train(on);
  }

 private:
  lamina::train::Figures step(const lamina::Batch<Image, B>& batch, std::int64_t) override {
    const auto output = model_.forward(batch.images);
    const auto [loss, gradient] = lamina::mse_loss(output, batch.images);
    model_.zero_grad();
    model_.backward(gradient);
    adam_.step();
    return {{"loss", loss}};
  }
  void set_learning_rate(float rate) override { adam_.set_learning_rate(rate); }

  lamina::Model<typename Kind::Net, Image, B> model_;
  lamina::Adam<B> adam_;
  Brought<B, Image> images_there_;
  Brought<B, Latent> latents_there_;
  Brought<lamina::Cpu, Image> images_here_;
  Brought<lamina::Cpu, Latent> latents_here_;
};

}  // namespace examples
