// SPDX-License-Identifier: MIT
#pragma once
// The GAN of one kind behind the interface of all. The source file of a kind includes this.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "lamina/generative/gan.hpp"
#include "lamina/lamina.hpp"

#include "common/layer_text.hpp"
#include "common/networks/dcgan.hpp"
#include "gan.hpp"

namespace examples {

template <DcganKind Kind>
class GanOf final : public AnyGan<typename Kind::Image> {
 public:
  using Image = typename Kind::Image;
  using Latent = typename Kind::Latent;

  GanOf(lamina::Seed seed, const lamina::GanOptions& options) : gan_{seed, options} {}

  lamina::GanStep step(const lamina::TensorRef<Image>& real, std::uint64_t number) override {
    return gan_.step(real, number);
  }
  lamina::TensorRef<Image> generate(const lamina::TensorRef<Latent>& z) override {
    return gan_.generate(z);
  }

  bool training() override { return gan_.generator().training(); }
  void train(bool on) override { gan_.generator().train(on); }

  lamina::State<lamina::Cpu> generator_state() override { return gan_.generator().state(); }
  lamina::State<lamina::Cpu> discriminator_state() override { return gan_.discriminator().state(); }
  lamina::State<lamina::Cpu> generator_adam_state() override {
    return gan_.generator_adam().state();
  }
  lamina::State<lamina::Cpu> discriminator_adam_state() override {
    return gan_.discriminator_adam().state();
  }
  std::vector<lamina::NamedCounter> passes() override {
    return {{"generator_passes", &gan_.generator().training_passes()},
            {"discriminator_passes", &gan_.discriminator().training_passes()}};
  }

  std::vector<std::pair<std::string, std::string>> layer_tables() const override {
    return {{"Generator", layer_table_text<typename Kind::Generator, Latent>()},
            {"Discriminator", layer_table_text<typename Kind::Discriminator, Image>()}};
  }

 private:
  lamina::Gan<typename Kind::Generator, typename Kind::Discriminator, Latent, Image> gan_;
};

}  // namespace examples
