// SPDX-License-Identifier: MIT
#pragma once
// Numbers of a VAE over a data set: both parts of its loss, reconstruction errors, and how much each
// latent dimension says about an image.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "lamina/data/batches.hpp"

#include "common/evaluation.hpp"
#include "common/images.hpp"

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

/// In evaluation mode; the noise is the same in every call.
inline VaeEvaluation evaluate(VaeModel& vae, const lamina::Dataset<Image>& images) {
  const EvaluationMode evaluation(vae);
  VaeEvaluation result;
  result.kl.assign(latent_size, 0.0);
  std::uint64_t draw = std::uint64_t{1} << 32;  // far from those of training steps
  const auto squared_error = [](const auto& output, const auto& batch) {
    return lamina::mse_loss(output, batch, lamina::Reduction::sum).value;
  };
  for (const auto& batch : lamina::batches(images, evaluation_batch, lamina::InOrder{})) {
    const auto count = static_cast<double>(batch.images.size());
    const auto losses = vae.forward(batch.images, draw++);
    result.losses.reconstruction += losses.reconstruction * count;
    result.losses.kl += losses.kl * count;
    const auto divergences = vae.divergences();
    for (std::size_t i = 0; i < latent_size; ++i)
      result.kl[i] += divergences[i];
    result.mse_sample += squared_error(vae.reconstruction(), batch.images);
    result.mse_mean += squared_error(vae.decode(vae.encode(batch.images)), batch.images);
  }
  const auto count = static_cast<double>(images.size());
  result.losses.reconstruction /= count;
  result.losses.kl /= count;
  for (double& nats : result.kl)
    nats /= count;
  result.mse_sample /= count * Image::size;
  result.mse_mean /= count * Image::size;
  return result;
}

}  // namespace examples
