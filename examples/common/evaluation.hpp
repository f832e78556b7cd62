// SPDX-License-Identifier: MIT
#pragma once
// Numbers of a trained autoencoder of whatever kind: reconstruction errors of a data set, and where its
// latent vectors lie.

#include <cstddef>
#include <vector>

#include "lamina/data/dataset.hpp"

#include "common/coder.hpp"

namespace examples {

inline constexpr std::size_t evaluation_batch = 128;

/// The mean squared error over all pixels of all images.
double mean_squared_error(Coder& coder, const lamina::Dataset<Image>& images);

/// The mean squared error of each image.
std::vector<double> image_errors(Coder& coder, const lamina::Dataset<Image>& images);

/// How the latent vectors of a data set lie beside a standard normal distribution.
struct LatentStatistics {
  double mean_norm;  ///< length of the mean vector; 0 for a standard normal
  double deviation;  ///< mean over the dimensions of the standard deviation; 1 there
  double length;     ///< mean length of a vector; about sqrt(128) = 11.3 there
};

LatentStatistics latent_statistics(Coder& coder, const lamina::Dataset<Image>& images);

}  // namespace examples
