// SPDX-License-Identifier: MIT
#pragma once
// An autoencoder that is trained, of whatever kind and on whatever device.

#include <memory>
#include <string>

#include "common/coder.hpp"
#include "common/device.hpp"
#include "common/learner.hpp"

namespace examples {

/// Its states begin with "model." and "adam.".
class AutoencoderLearner : public Learner<Image>, public Coder {};

/// `kind` is FullyConnected::name or Convolutional::name.
/// errors run: as cuda_learners
std::unique_ptr<AutoencoderLearner> make_autoencoder(const std::string& kind, lamina::Seed seed,
                                                     Device device);

}  // namespace examples
