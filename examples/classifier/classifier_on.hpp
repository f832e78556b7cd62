// SPDX-License-Identifier: MIT
#pragma once
// The classifier on backend B.

#include <cstdint>
#include <utility>

#include "lamina/losses/cross_entropy.hpp"

#include "classifier/learner.hpp"
#include "common/brought.hpp"
#include "common/one_model_on.hpp"
#include "common/standardiser.hpp"

namespace examples {

template <class B>
class ClassifierOn final
    : public OneModelOn<ClassifierLearner, Classifier::Image, Classifier::Net, B> {
  using Base = OneModelOn<ClassifierLearner, Classifier::Image, Classifier::Net, B>;
  using Base::model_;

 public:
  using Image = Classifier::Image;
  using Logits = ClassifierLearner::Logits;

  explicit ClassifierOn(lamina::Seed seed) : Base{std::in_place_type<ClassifierOn>, seed} {}

  lamina::TensorRef<Logits> logits(const lamina::TensorRef<Image>& images) override {
    return logits_here_(model_.forward(standardise_(images_there_(images))));
  }

 private:
  lamina::train::Figures step(const lamina::Batch<Image, B>& batch, std::int64_t) override {
    return this->descend(
        lamina::cross_entropy(model_.forward(standardise_(batch.images)), batch.labels));
  }

  Standardiser<B> standardise_;
  Brought<B, Image> images_there_;
  Brought<lamina::Cpu, Logits> logits_here_;
};

}  // namespace examples
