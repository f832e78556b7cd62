// SPDX-License-Identifier: MIT
#pragma once
// The page of a run: a report whose pictures are PNGs in the run's folder too, with the tables that
// every trainer ends it with.

#include <string>
#include <utility>
#include <vector>

#include "lamina/data/fashion_mnist.hpp"
#include "lamina/plot/chart.hpp"
#include "lamina/plot/report.hpp"
#include "lamina/train/metrics.hpp"

#include "common/pictures.hpp"
#include "common/training.hpp"

namespace examples {

/// "Fashion-MNIST, 3 epochs".
std::string about_run(const lamina::datasets::FashionMnist& data,
                      const lamina::train::MetricsTable& metrics);

/// What a run that has ended is worth, for pages about several runs.
inline constexpr const char* result_name = "result.json";

class RunReport {
 public:
  RunReport(const OpenRun& run, const lamina::datasets::FashionMnist& data,
            const lamina::train::MetricsTable& metrics, bool interrupted, const std::string& title);

  lamina::plot::Report& page() { return page_; }

  /// A picture as a file of the folder and as a figure of the page.
  void figure(const std::string& file, const Png& picture, const std::string& alt,
              const std::string& caption);

  /// A line chart as a figure.
  void chart(const std::string& file, const std::vector<lamina::plot::Series>& series,
             const lamina::plot::ChartOptions& options, const std::string& alt,
             const std::string& caption);

  /// Curves of columns of the metrics over the epochs: column name and legend.
  void curves(const std::string& file, const std::string& title, const std::string& y_label,
              const std::vector<std::pair<std::string, std::string>>& columns,
              const std::string& alt, const std::string& caption);

  /// Says what generated images are worth, if they were scored.
  void score(double score, const std::string& what = "generated images");

  /// Settings, layer tables (title and text) and all metrics; then writes report.html.
  void finish(const std::vector<std::pair<std::string, std::string>>& layer_tables);

 private:
  const OpenRun& run_;
  const lamina::datasets::FashionMnist& data_;
  const lamina::train::MetricsTable& metrics_;
  lamina::plot::Report page_;
};

}  // namespace examples
