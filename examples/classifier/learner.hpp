// SPDX-License-Identifier: MIT
#pragma once
// The classifier that is trained, on whatever device.

#include <memory>

#include "common/device.hpp"
#include "common/learner.hpp"
#include "common/networks/classifier.hpp"

namespace examples {

/// Its states begin with "model." and "adam.".
class ClassifierLearner : public Learner<Classifier::Image> {
 public:
  using Logits = lamina::Shape<10>;

  /// Of images with pixels in [0, 1]. Valid until the next call.
  virtual lamina::TensorRef<Logits> logits(const lamina::TensorRef<Classifier::Image>& images) = 0;

  virtual bool training() const = 0;
  virtual void train(bool on) = 0;
};

/// errors run: as cuda_learners
std::unique_ptr<ClassifierLearner> make_classifier(lamina::Seed seed, Device device);

}  // namespace examples
