// SPDX-License-Identifier: MIT
#include "common/autoencoder_learner.hpp"

#include "lamina/lamina.hpp"

#include "common/autoencoder_of.hpp"

namespace examples {

std::unique_ptr<AutoencoderLearner> make_autoencoder(const std::string& kind, lamina::Seed seed,
                                                     Device device) {
  if (device == Device::cuda) return cuda_learners().autoencoder(kind, seed);
  if (kind == FullyConnected::name)
    return std::make_unique<AutoencoderOf<FullyConnected, lamina::Cpu>>(seed);
  return std::make_unique<AutoencoderOf<Convolutional, lamina::Cpu>>(seed);
}

}  // namespace examples
