// SPDX-License-Identifier: MIT
#pragma once
// The diffusion model on backend B.

#include <cstdint>
#include <utility>

#include "lamina/optim/adam.hpp"
#include "lamina/optim/clip_grad_norm.hpp"
#include "lamina/optim/ema.hpp"

#include "common/brought.hpp"
#include "common/images.hpp"
#include "common/learner_on.hpp"
#include "diffusion/learner.hpp"

namespace examples {

template <class B>
class DiffusionOn final : public LearnerOn<DiffusionLearner, UNet::Image, B> {
  using Base = LearnerOn<DiffusionLearner, UNet::Image, B>;

 public:
  using Image = UNet::Image;
  using Images = DiffusionLearner::Images;

  DiffusionOn(lamina::Seed seed, const lamina::NoiseSchedule& schedule, float ema)
      : Base{std::in_place_type<DiffusionOn>, seed, schedule, ema},
        diffusion_{seed, schedule},
        adam_{diffusion_.model().parameters()},
        ema_{diffusion_.model().parameters(), ema} {
    auto& states = this->states();
    states.add("model.", diffusion_.model().state());
    states.add("adam.", adam_.state());
    states.add("ema.", ema_.state());
    states.add("run.", lamina::State<lamina::Cpu>{
                           {}, {{"training_passes", &diffusion_.model().training_passes()}}});
  }

  double evaluate(const lamina::Dataset<Image>& images) override {
    const EvaluationMode evaluation(*this);
    std::uint64_t draw = std::uint64_t{1} << 32;  // far from those of training steps
    double sum = 0.0;
    for (const auto& batch :
         lamina::batches_on<B>(images, 128, lamina::InOrder{}, lamina::PixelRange::symmetric))
      sum += diffusion_.forward(batch.images, draw++) * static_cast<double>(batch.images.size());
    return sum / static_cast<double>(images.size());
  }

  Images sample(std::size_t count, const lamina::Sampler& sampler, std::uint64_t draw,
                const std::function<void(std::int32_t, const Images&)>& visit) override {
    return here_(diffusion_.sample(
        count, sampler, draw, [&](std::int32_t step, const lamina::TensorRef<Image, B>& images) {
          visit(step, here_(images));
        }));
  }
  Images sample(std::size_t count, const lamina::Sampler& sampler, std::uint64_t draw) override {
    return here_(diffusion_.sample(count, sampler, draw));
  }
  const lamina::NoiseSchedule& schedule() const override { return diffusion_.schedule(); }

  void swap_averages() override { ema_.swap(); }

  bool training() override { return diffusion_.model().training(); }
  void train(bool on) override { diffusion_.model().train(on); }

 private:
  lamina::train::Figures step(const lamina::Batch<Image, B>& batch, std::int64_t number) override {
    const double loss = diffusion_.forward(batch.images, static_cast<std::uint64_t>(number));
    diffusion_.model().zero_grad();
    diffusion_.backward();
    lamina::clip_grad_norm(diffusion_.model().parameters(), 1.0);
    adam_.step();
    ema_.update();
    return {{"loss", loss}};
  }
  void set_learning_rate(float rate) override { adam_.set_learning_rate(rate); }
  /// Clipping waits for the norm.
  bool captures() const override { return false; }

  lamina::Diffusion<UNet::Net, Image, B> diffusion_;
  lamina::Adam<B> adam_;
  lamina::Ema<B> ema_;
  Brought<lamina::Cpu, Image> here_;
};

}  // namespace examples
