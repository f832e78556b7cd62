// SPDX-License-Identifier: MIT
#pragma once
// Numbers of a trained autoencoder of whatever kind: reconstruction errors of a data set, and where its
// latent vectors lie.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

#include "lamina/data/batches.hpp"

#include "common/images.hpp"
#include "common/networks/autoencoders.hpp"

namespace examples {

/// What encodes images and decodes latent vectors: an autoencoder, or a VAE. Results are valid until
/// the next call.
template <class C>
concept Coder =
    requires(C& coder, const lamina::Tensor<Image>& images, const lamina::Tensor<Latent>& z) {
      { coder.encode(images) } -> std::same_as<lamina::TensorRef<Latent>>;
      { coder.decode(z) } -> std::same_as<lamina::TensorRef<Image>>;
      { coder.training() } -> std::same_as<bool>;
      coder.train(true);
    };

/// Both parts of one model.
template <class Model>
class ModelCoder {
 public:
  explicit ModelCoder(Model& model) : model_(model) {}
  lamina::TensorRef<Latent> encode(const lamina::TensorRef<Image>& images) {
    return model_.template forward_part<0>(images);
  }
  lamina::TensorRef<Image> decode(const lamina::TensorRef<Latent>& z) {
    return model_.template forward_part<1>(z);
  }
  bool training() const { return model_.training(); }
  void train(bool on) { model_.train(on); }

 private:
  Model& model_;
};

inline constexpr std::size_t evaluation_batch = 128;

/// The mean squared error over all pixels of all images.
template <Coder C>
double mean_squared_error(C& coder, const lamina::Dataset<Image>& images) {
  const EvaluationMode evaluation(coder);
  double sum = 0.0;
  for (const auto& batch : lamina::batches(images, evaluation_batch, lamina::InOrder{}))
    sum += lamina::mse_loss(coder.decode(coder.encode(batch.images)), batch.images,
                            lamina::Reduction::sum)
               .value;
  return sum / static_cast<double>(images.size() * Image::size);
}

/// The mean squared error of each image.
template <Coder C>
std::vector<double> image_errors(C& coder, const lamina::Dataset<Image>& images) {
  const EvaluationMode evaluation(coder);
  std::vector<double> errors;
  errors.reserve(images.size());
  for (const auto& batch : lamina::batches(images, evaluation_batch, lamina::InOrder{})) {
    const auto output = coder.decode(coder.encode(batch.images));
    for (std::size_t i = 0; i < output.size(); ++i)
      errors.push_back(lamina::mse_loss(output.images(i, 1), batch.images.images(i, 1)).value);
  }
  return errors;
}

/// How the latent vectors of a data set lie beside a standard normal distribution.
struct LatentStatistics {
  double mean_norm;  ///< length of the mean vector; 0 for a standard normal
  double deviation;  ///< mean over the dimensions of the standard deviation; 1 there
  double length;     ///< mean length of a vector; about sqrt(128) = 11.3 there
};

template <Coder C>
LatentStatistics latent_statistics(C& coder, const lamina::Dataset<Image>& images) {
  const EvaluationMode evaluation(coder);
  std::array<double, latent_size> sum{};
  std::array<double, latent_size> squares{};
  double length = 0.0;
  for (const auto& batch : lamina::batches(images, evaluation_batch, lamina::InOrder{})) {
    const auto latents = coder.encode(batch.images);
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
