// SPDX-License-Identifier: MIT
#pragma once
// The classifier as a model, with its own view of images, and the weights that ship with the examples.

#include <filesystem>
#include <span>
#include <stdexcept>

#include "lamina/io/model_file.hpp"
#include "lamina/lamina.hpp"

#include "common/networks/classifier.hpp"

namespace examples {

using ClassifierModel = lamina::Model<Classifier::Net, Classifier::Image>;

/// A batch of pixels in [0, 1], standardised; the tensor is used again for every batch.
class Standardiser {
 public:
  const lamina::Tensor<Classifier::Image>& operator()(
      const lamina::TensorRef<Classifier::Image>& images) {
    standardised_.resize(images.size());
    const std::span<const float> from = images.span();
    const std::span<float> to = standardised_.span();
    for (std::size_t i = 0; i < from.size(); ++i)
      to[i] = (from[i] - pixel_mean) / pixel_deviation;
    return standardised_;
  }

 private:
  lamina::Tensor<Classifier::Image> standardised_;
};

/// The weights that ship with the examples.
inline std::filesystem::path shipped_classifier() {
  return std::filesystem::path(LAMINA_EXAMPLE_DATA) / "classifier.safetensors";
}

}  // namespace examples
