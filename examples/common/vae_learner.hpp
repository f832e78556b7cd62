// SPDX-License-Identifier: MIT
#pragma once
// A VAE that is trained, on whatever device, and its numbers over a data set: both parts of its loss,
// reconstruction errors, and how much each latent dimension says about an image.

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include "lamina/generative/vae.hpp"

#include "common/coder.hpp"
#include "common/device.hpp"
#include "common/learner.hpp"

namespace examples {

struct VaeEvaluation {
  lamina::VaeLosses losses;  ///< nats per image, one sampled z for each
  double mse_mean = 0.0;     ///< of images decoded from the means of q(z | x)
  double mse_sample = 0.0;   ///< of images decoded from the samples
  std::vector<double> kl;    ///< of each latent dimension, nats per image

  /// Dimensions that carry more than 0.1 nats: those the model uses.
  std::ptrdiff_t active_dimensions() const {
    return std::ranges::count_if(kl, [](double nats) { return nats > 0.1; });
  }
};

/// As a Coder it is without noise: an image's latent vector is the mean of q(z | x). Its states begin with
/// "encoder.", "decoder.", "encoder_adam." and "decoder_adam.".
class VaeLearner : public Learner<Image>, public Coder {
 public:
  /// In evaluation mode; the noise is the same in every call.
  virtual VaeEvaluation evaluate(const lamina::Dataset<Image>& images) = 0;
};

/// `beta` is the weight of the divergence.
/// errors run: as cuda_learners
std::unique_ptr<VaeLearner> make_vae(lamina::Seed seed, lamina::PixelModel pixels, float beta,
                                     Device device);

}  // namespace examples
