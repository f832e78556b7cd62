// SPDX-License-Identifier: MIT
#pragma once
// Finished runs of the autoencoder and vae programs, read back from their folders to be compared.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "lamina/data/dataset.hpp"
#include "lamina/train/metrics.hpp"
#include "lamina/train/settings.hpp"

#include "common/coder.hpp"
#include "common/pictures.hpp"

namespace examples {

struct FinishedRun {
  std::filesystem::path folder;
  lamina::train::Settings settings;
  lamina::train::MetricsTable metrics;
  std::string label;  ///< "cnn" or "vae", with the folder's name where both are of one kind
};

/// Where the page about two runs goes: into the folder `out`, or beside the first run.
std::filesystem::path comparison_page(const std::string& out, const std::filesystem::path& first,
                                      const std::string& name);

/// errors run: no run, or none with a finished epoch, in a folder
std::pair<FinishedRun, FinishedRun> read_runs(const std::filesystem::path& a,
                                              const std::filesystem::path& b);

/// Loads the run's model and calls visit with it in evaluation mode.
void with_coder(const FinishedRun& run, const std::function<void(Coder&)>& visit);

/// The mean squared error of each test image.
std::vector<double> test_errors(const FinishedRun& run, const lamina::Dataset<Image>& test);

/// Test images above what both runs make of them, with errors.
Png draw_both(const std::string& title, const lamina::Dataset<Image>& test,
              const std::vector<std::size_t>& positions, const FinishedRun& first,
              const FinishedRun& second);

}  // namespace examples
