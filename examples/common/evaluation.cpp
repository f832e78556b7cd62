// SPDX-License-Identifier: MIT
#include "common/evaluation.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "lamina/data/batches.hpp"
#include "lamina/losses/losses.hpp"

#include "common/images.hpp"

namespace examples {

double mean_squared_error(Coder& coder, const lamina::Dataset<Image>& images) {
  const EvaluationMode evaluation(coder);
  double sum = 0.0;
  for (const auto& batch : lamina::batches(images, evaluation_batch, lamina::InOrder{}))
    sum += lamina::mse_loss(coder.decode(coder.encode(batch.images)), batch.images,
                            lamina::Reduction::sum)
               .value;
  return sum / static_cast<double>(images.size() * Image::size);
}

std::vector<double> image_errors(Coder& coder, const lamina::Dataset<Image>& images) {
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

LatentStatistics latent_statistics(Coder& coder, const lamina::Dataset<Image>& images) {
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
