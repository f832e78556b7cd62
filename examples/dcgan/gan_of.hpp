// SPDX-License-Identifier: MIT
#pragma once
// The GAN of one kind on backend B, behind the interface of all. The source file of a kind includes this.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "lamina/generative/gan.hpp"

#include "common/brought.hpp"
#include "common/layer_text.hpp"
#include "common/learner_on.hpp"
#include "common/networks/dcgan.hpp"
#include "dcgan/gan.hpp"

namespace examples {

template <DcganKind Kind, class B>
class GanOf final : public LearnerOn<AnyGan<typename Kind::Image>, typename Kind::Image, B> {
  using Base = LearnerOn<AnyGan<typename Kind::Image>, typename Kind::Image, B>;

 public:
  using Image = typename Kind::Image;
  using Latent = typename Kind::Latent;

  GanOf(lamina::Seed seed, const lamina::GanOptions& options)
      : Base{std::in_place_type<GanOf>, seed, options},
        gan_{seed, options},
        one_step_each_{options.discriminator_steps == 1} {
    auto& states = this->states();
    states.add("generator.", gan_.generator().state());
    states.add("discriminator.", gan_.discriminator().state());
    states.add("generator_adam.", gan_.generator_adam().state());
    states.add("discriminator_adam.", gan_.discriminator_adam().state());
    states.add("run.", lamina::State<lamina::Cpu>{
                           {},
                           {{"generator_passes", &gan_.generator().training_passes()},
                            {"discriminator_passes", &gan_.discriminator().training_passes()}}});
  }

  lamina::TensorRef<Image> generate(const lamina::TensorRef<Latent>& z) override {
    return images_here_(gan_.generate(latents_there_(z)));
  }

  bool training() override { return gan_.generator().training(); }
  void train(bool on) override {
    this->forget_steps();
    gan_.generator().train(on);
  }

  std::vector<std::pair<std::string, std::string>> layer_tables() const override {
    return {{"Generator", layer_table_text<typename Kind::Generator, Latent>()},
            {"Discriminator", layer_table_text<typename Kind::Discriminator, Image>()}};
  }

 private:
  lamina::train::Figures step(const lamina::Batch<Image, B>& batch, std::int64_t number) override {
    const auto done = gan_.step(batch.images, static_cast<std::uint64_t>(number));
    const std::array figures{done.discriminator_loss, done.generator_loss, done.real, done.fake,
                             done.fake_after,         done.accuracy};
    lamina::train::Figures named;
    for (std::size_t i = 0; i < figures.size(); ++i)
      named.push_back({gan_figures[i], figures[i]});
    return named;
  }
  void set_learning_rate(float rate) override {
    gan_.generator_adam().set_learning_rate(rate);
    gan_.discriminator_adam().set_learning_rate(rate);
  }
  /// Where the generator rests in some steps, these are not the same each time.
  bool captures() const override { return one_step_each_; }

  lamina::Gan<typename Kind::Generator, typename Kind::Discriminator, Latent, Image, B> gan_;
  bool one_step_each_;
  Brought<B, Latent> latents_there_;
  Brought<lamina::Cpu, Image> images_here_;
};

}  // namespace examples
