// SPDX-License-Identifier: MIT
#pragma once
// The page of one run of a DCGAN: how the game went, and what came out.

#include <string>

#include "lamina/data/fashion_mnist.hpp"
#include "lamina/plot/chart.hpp"

#include "training.hpp"

namespace examples {

/// A column of steps.csv as a curve.
lamina::plot::Series step_curve(const lamina::train::MetricsTable& steps, const std::string& column,
                                const std::string& name);

void write_report(const DcganOptions& options, const OpenRun& run,
                  const lamina::datasets::FashionMnist& data, const DcganOutcome& outcome);

}  // namespace examples
