// SPDX-License-Identifier: MIT
#pragma once
// One run of a DCGAN: training, mosaics of the same latent vectors on the way, score and stability.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "lamina/data/fashion_mnist.hpp"
#include "lamina/train/metrics.hpp"

#include "common/numbers.hpp"
#include "common/training.hpp"
#include "options.hpp"
#include "stability.hpp"

namespace examples {

/// What a run left behind for its page, and for the page of a study.
struct DcganOutcome {
  lamina::train::MetricsTable metrics;
  lamina::train::MetricsTable steps;
  std::vector<std::filesystem::path> mosaics;  ///< in the order of their steps
  std::vector<std::pair<std::string, std::string>> layer_tables;
  double score = not_taken;
  Stability stability;
  bool interrupted = false;
  int exit_code = 0;
};

/// Trains the GAN that the options name.
DcganOutcome train_dcgan(const DcganOptions& options, const OpenRun& run,
                         const lamina::datasets::FashionMnist& data);

}  // namespace examples
