// SPDX-License-Identifier: MIT
#pragma once
// The page of one run, and the page about two of them.

#include <filesystem>
#include <string>

#include "lamina/data/fashion_mnist.hpp"
#include "lamina/train/metrics.hpp"

#include "common/coder.hpp"
#include "common/training.hpp"

namespace examples {

/// Curves and pictures, and what one sees in them: the PNGs and report.html of a run.
void write_report(Coder& coder, const std::string& title, const std::string& layers,
                  const lamina::datasets::FashionMnist& data, const OpenRun& run,
                  const TrainingRun& training, lamina::Seed seed);

/// Which autoencoder reconstructs better, and where. Writes the page.
void compare_runs(const std::filesystem::path& folder_a, const std::filesystem::path& folder_b,
                  const lamina::datasets::FashionMnist& data, const std::filesystem::path& page);

}  // namespace examples
