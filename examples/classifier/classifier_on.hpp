// SPDX-License-Identifier: MIT
#pragma once
// The classifier on backend B.

#include <cstdint>
#include <utility>

#include "lamina/losses/cross_entropy.hpp"
#include "lamina/model/model.hpp"
#include "lamina/optim/adam.hpp"

#include "classifier/learner.hpp"
#include "common/brought.hpp"
#include "common/learner_on.hpp"
#include "common/standardiser.hpp"

namespace examples {

template <class B>
class ClassifierOn final : public LearnerOn<ClassifierLearner, Classifier::Image, B> {
  using Base = LearnerOn<ClassifierLearner, Classifier::Image, B>;

 public:
  using Image = Classifier::Image;
  using Logits = ClassifierLearner::Logits;

  explicit ClassifierOn(lamina::Seed seed)
      : Base{std::in_place_type<ClassifierOn>, seed}, model_{seed}, adam_{model_.parameters()} {
    auto& states = this->states();
    states.add("model.", model_.state());
    states.add("adam.", adam_.state());
    states.add("run.",
               lamina::State<lamina::Cpu>{{}, {{"training_passes", &model_.training_passes()}}});
  }

  lamina::TensorRef<Logits> logits(const lamina::TensorRef<Image>& images) override {
    return logits_here_(model_.forward(standardise_(images_there_(images))));
  }
  bool training() const override { return model_.training(); }
  void train(bool on) override {
    this->forget_steps();
    model_.train(on);
  }

 private:
  lamina::train::Figures step(const lamina::Batch<Image, B>& batch, std::int64_t) override {
    const auto logits = model_.forward(standardise_(batch.images));
    const auto [loss, gradient] = lamina::cross_entropy(logits, batch.labels);
    model_.zero_grad();
    model_.backward(gradient);
    adam_.step();
    return {{"loss", loss}};
  }
  void set_learning_rate(float rate) override { adam_.set_learning_rate(rate); }

  lamina::Model<Classifier::Net, Image, B> model_;
  lamina::Adam<B> adam_;
  Standardiser<B> standardise_;
  Brought<B, Image> images_there_;
  Brought<lamina::Cpu, Logits> logits_here_;
};

}  // namespace examples
