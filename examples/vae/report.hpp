// SPDX-License-Identifier: MIT
#pragma once
// The page of one run of the VAE, and the page about one and a plain autoencoder.

#include <filesystem>

#include "lamina/data/fashion_mnist.hpp"

#include "common/coder.hpp"
#include "common/training.hpp"
#include "common/vae_learner.hpp"

namespace examples {

/// Curves and pictures, and what one sees in them: the PNGs and report.html of a run.
/// `test` is the evaluation on the test images.
void write_report(Coder& coder, const VaeEvaluation& test,
                  const lamina::datasets::FashionMnist& data, const OpenRun& run,
                  const TrainingRun& training, lamina::Seed seed);

/// A plain and a variational autoencoder of the same encoder and decoder: what sampling costs in
/// reconstruction, and what it buys. Writes the page.
void compare_runs(const std::filesystem::path& folder_a, const std::filesystem::path& folder_b,
                  const lamina::datasets::FashionMnist& data, const std::filesystem::path& page);

}  // namespace examples
