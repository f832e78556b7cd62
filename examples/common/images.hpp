// SPDX-License-Identifier: MIT
#pragma once
// Chosen images of a data set, and a model's evaluation mode while they are looked at.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "lamina/data/batches.hpp"
#include "lamina/data/fashion_mnist.hpp"

namespace examples {

/// Evaluation mode for as long as it lives.
template <class Model>
class EvaluationMode {
 public:
  explicit EvaluationMode(Model& model) : model_(model), was_training_(model.training()) {
    model.train(false);
  }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;
  ~EvaluationMode() { model_.train(was_training_); }

 private:
  Model& model_;
  bool was_training_;
};

template <class Image>
std::string class_name(const lamina::Dataset<Image>& images, std::size_t position) {
  return std::string(lamina::datasets::fashion_mnist_classes.at(images.labels[position]));
}

/// The first image of each class.
template <class Image>
std::vector<std::size_t> one_of_each_class(const lamina::Dataset<Image>& images) {
  std::vector<std::size_t> positions;
  for (std::uint8_t label = 0; label < 10; ++label)
    for (std::size_t i = 0; i < images.size(); ++i)
      if (images.labels[i] == label) {
        positions.push_back(i);
        break;
      }
  return positions;
}

/// Chosen images as one batch.
template <class Image>
lamina::Tensor<Image> batch_of(const lamina::Dataset<Image>& images,
                               const std::vector<std::size_t>& positions) {
  const auto chosen = images.subset(positions);
  auto range = lamina::batches(chosen, positions.size(), lamina::InOrder{});
  return (*range.begin()).images;
}

}  // namespace examples
