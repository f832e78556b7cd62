// SPDX-License-Identifier: MIT
#pragma once
// Numbers of a trained autoencoder: reconstruction errors of a data set, and where its latent vectors
// lie.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

#include "lamina/data/batches.hpp"

#include "networks.hpp"

namespace examples {

/// Evaluation mode for as long as it lives.
template <class Model>
class EvaluationMode {
 public:
  explicit EvaluationMode(Model& model) : model_(model), was_training_(model.training()) {
    model.eval();
  }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;
  ~EvaluationMode() { model_.train(was_training_); }

 private:
  Model& model_;
  bool was_training_;
};

inline constexpr std::size_t evaluation_batch = 128;

/// The mean squared error over all pixels of all images.
template <class Model>
double mean_squared_error(Model& model, const lamina::Dataset<Image>& images) {
  const EvaluationMode evaluation(model);
  double sum = 0.0;
  for (const auto& batch : lamina::batches(images, evaluation_batch, lamina::InOrder{}))
    sum +=
        lamina::mse_loss(model.forward(batch.images), batch.images, lamina::Reduction::sum).value;
  return sum / static_cast<double>(images.size() * Image::size);
}

/// The mean squared error of each image.
template <class Model>
std::vector<double> image_errors(Model& model, const lamina::Dataset<Image>& images) {
  const EvaluationMode evaluation(model);
  std::vector<double> errors;
  errors.reserve(images.size());
  for (const auto& batch : lamina::batches(images, evaluation_batch, lamina::InOrder{})) {
    const auto output = model.forward(batch.images);
    for (std::size_t i = 0; i < output.size(); ++i)
      errors.push_back(lamina::mse_loss(output.images(i, 1), batch.images.images(i, 1)).value);
  }
  return errors;
}

/// Chosen images as one batch.
inline lamina::Tensor<Image> batch_of(const lamina::Dataset<Image>& images,
                                      const std::vector<std::size_t>& positions) {
  const auto chosen = images.subset(positions);
  auto range = lamina::batches(chosen, positions.size(), lamina::InOrder{});
  return (*range.begin()).images;
}

/// How the latent vectors of a data set lie beside a standard normal distribution.
struct LatentStatistics {
  double mean_norm;  ///< length of the mean vector; 0 for a standard normal
  double deviation;  ///< mean over the dimensions of the standard deviation; 1 there
  double length;     ///< mean length of a vector; about sqrt(128) = 11.3 there
};

template <class Model>
LatentStatistics latent_statistics(Model& model, const lamina::Dataset<Image>& images) {
  const EvaluationMode evaluation(model);
  std::array<double, latent_size> sum{};
  std::array<double, latent_size> squares{};
  double length = 0.0;
  for (const auto& batch : lamina::batches(images, evaluation_batch, lamina::InOrder{})) {
    const auto latents = model.template forward_part<0>(batch.images);
    const auto z = latents.array();
    for (std::size_t n = 0; n < latents.size(); ++n) {
      double square = 0.0;
      for (std::size_t i = 0; i < latent_size; ++i) {
        const double value = z(n, i);
        sum[i] += value;
        squares[i] += value * value;
        square += value * value;
      }
      length += std::sqrt(square);
    }
  }
  const auto count = static_cast<double>(images.size());
  LatentStatistics result{0.0, 0.0, length / count};
  for (std::size_t i = 0; i < latent_size; ++i) {
    const double mean = sum[i] / count;
    result.mean_norm += mean * mean;
    result.deviation += std::sqrt((std::max)(squares[i] / count - mean * mean, 0.0)) / latent_size;
  }
  result.mean_norm = std::sqrt(result.mean_norm);
  return result;
}

}  // namespace examples
