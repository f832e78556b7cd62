// SPDX-License-Identifier: MIT
#include "classifier/learner.hpp"

#include "lamina/lamina.hpp"

#include "classifier/classifier_on.hpp"

namespace examples {

std::unique_ptr<ClassifierLearner> make_classifier(lamina::Seed seed, Device device) {
  if (device == Device::cuda) return cuda_learners().classifier(seed);
  return std::make_unique<ClassifierOn<lamina::Cpu>>(seed);
}

}  // namespace examples
