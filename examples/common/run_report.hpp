// SPDX-License-Identifier: MIT
#pragma once
// The page of a run: a report whose pictures are PNGs in the run's folder too, with the tables that
// every trainer ends it with.

#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "lamina/data/fashion_mnist.hpp"
#include "lamina/model/layer_table.hpp"
#include "lamina/plot/curves.hpp"
#include "lamina/plot/png.hpp"
#include "lamina/plot/report.hpp"
#include "lamina/train/metrics.hpp"

#include "common/machine.hpp"
#include "common/numbers.hpp"
#include "common/training.hpp"

namespace examples {

/// "Fashion-MNIST, 3 epochs".
inline std::string about_run(const lamina::datasets::FashionMnist& data,
                             const lamina::train::MetricsTable& metrics) {
  const auto epochs = metrics.rows.size();
  return data.name() + ", " + std::to_string(epochs) + (epochs == 1 ? " epoch" : " epochs");
}

template <class Net, class In>
std::string layer_table_text() {
  std::ostringstream text;
  print(text, lamina::layer_table<Net, In>);
  return text.str();
}

class RunReport {
 public:
  RunReport(const OpenRun& run, const lamina::datasets::FashionMnist& data,
            const lamina::train::MetricsTable& metrics, bool interrupted, const std::string& title)
      : run_{run}, data_{data}, metrics_{metrics}, page_{title, about_run(data, metrics)} {
    if (interrupted)
      page_.note(
          "The run was interrupted; --resume goes on with it. What follows is the state at that "
          "moment.");
    if (data.subset) page_.note("Made from the " + data.name() + ", not from the full data set.");
  }

  lamina::plot::Report& page() { return page_; }

  /// A picture as a file of the folder and as a figure of the page.
  void figure(const std::string& file, const lamina::plot::Picture& picture, const std::string& alt,
              const std::string& caption) {
    const auto png = lamina::plot::encode_png(picture);
    lamina::write_file_atomically(run_.folder / file, std::span{png});
    page_.figure(png, alt, caption);
  }

  /// Curves of columns of the metrics over the epochs: column name and legend.
  void curves(const std::string& file, const std::string& title, const std::string& y_label,
              const std::vector<std::pair<std::string, std::string>>& columns,
              const std::string& alt, const std::string& caption) {
    std::vector<lamina::plot::Series> series;
    for (const auto& [column, legend] : columns)
      series.push_back({.name = legend,
                        .x = metrics_.column("epoch"),
                        .y = metrics_.column(column),
                        .dashed = column.starts_with("test")});
    figure(
        file,
        lamina::plot::line_chart(series, {.title = title, .x_label = "epoch", .y_label = y_label}),
        alt, caption);
  }

  /// Settings, layer tables (title and text) and all metrics; then writes report.html.
  void finish(const std::vector<std::pair<std::string, std::string>>& layer_tables) {
    page_.section("Settings and layers");
    std::vector<std::vector<std::string>> rows;
    for (const auto& [name, value] : run_.settings.as_text())
      rows.push_back({name, value});
    rows.push_back({"data", data_.source.string()});
    page_.table({"setting", "value"}, rows);
    for (const auto& [title, text] : layer_tables) {
      if (!title.empty()) page_.paragraph(title);
      page_.preformatted(text);
    }
    if (!metrics_.rows.empty()) {
      std::vector<std::vector<std::string>> figures;
      for (const auto& row : metrics_.rows) {
        figures.emplace_back();
        for (const double value : row)
          figures.back().push_back(significant(value));
      }
      page_.table(metrics_.columns, figures, "metrics.csv; seconds: training without evaluation");
    }
    page_.save(run_.folder / "report.html");
  }

 private:
  const OpenRun& run_;
  const lamina::datasets::FashionMnist& data_;
  const lamina::train::MetricsTable& metrics_;
  lamina::plot::Report page_;
};

}  // namespace examples
