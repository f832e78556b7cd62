// SPDX-License-Identifier: MIT
#pragma once
// The page of one run of a DCGAN: how the game went, and what came out.

#include <filesystem>
#include <string>

#include "lamina/data/fashion_mnist.hpp"
#include "lamina/plot/chart.hpp"

#include "training.hpp"

namespace examples {

/// A column of steps.csv as a curve.
lamina::plot::Series step_curve(const lamina::train::MetricsTable& steps, const std::string& column,
                                const std::string& name);

/// Writes report.html with its pictures and, unless the run was interrupted, result.json.
void write_report(const DcganOptions& options, const OpenRun& run,
                  const lamina::datasets::FashionMnist& data, const DcganOutcome& outcome);

/// What result.json says.
struct DcganResult {
  double score;  ///< not_taken where the run diverged
  std::string verdict;
  std::string reason;
};
DcganResult read_result(const std::filesystem::path& folder);

}  // namespace examples
