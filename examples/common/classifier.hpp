// SPDX-License-Identifier: MIT
#pragma once
// The classifier as a model, and the weights that ship with the examples.

#include <filesystem>

#include "lamina/io/model_file.hpp"
#include "lamina/lamina.hpp"

#include "common/networks/classifier.hpp"

namespace examples {

using ClassifierModel = lamina::Model<Classifier::Net, Classifier::Image>;

/// The weights that ship with the examples.
inline std::filesystem::path shipped_classifier() {
  return std::filesystem::path(LAMINA_EXAMPLE_DATA) / "classifier.safetensors";
}

}  // namespace examples
