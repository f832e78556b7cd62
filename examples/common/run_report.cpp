// SPDX-License-Identifier: MIT
#include "common/run_report.hpp"

#include <cmath>

#include "lamina/train/settings.hpp"

#include "common/numbers.hpp"

namespace examples {

std::string about_run(const lamina::datasets::FashionMnist& data,
                      const lamina::train::MetricsTable& metrics) {
  const auto epochs = metrics.rows.size();
  return data.name() + ", " + std::to_string(epochs) + (epochs == 1 ? " epoch" : " epochs");
}

RunReport::RunReport(const OpenRun& run, const lamina::datasets::FashionMnist& data,
                     const lamina::train::MetricsTable& metrics, bool interrupted,
                     const std::string& title)
    : run_{run}, data_{data}, metrics_{metrics}, page_{title, about_run(data, metrics)} {
  if (interrupted)
    page_.note(
        "The run was interrupted; --resume goes on with it. What follows is the state at that "
        "moment.");
  if (data.subset) page_.note("Made from the " + data.name() + ", not from the full data set.");
}

void RunReport::figure(const std::string& file, const Png& picture, const std::string& alt,
                       const std::string& caption) {
  write_png(run_.folder / file, picture);
  page_.figure(picture, alt, caption);
}

void RunReport::chart(const std::string& file, const std::vector<lamina::plot::Series>& series,
                      const lamina::plot::ChartOptions& options, const std::string& alt,
                      const std::string& caption) {
  figure(file, draw_chart(series, options), alt, caption);
}

void RunReport::curves(const std::string& file, const std::string& title,
                       const std::string& y_label,
                       const std::vector<std::pair<std::string, std::string>>& columns,
                       const std::string& alt, const std::string& caption) {
  std::vector<lamina::plot::Series> series;
  for (const auto& [column, legend] : columns)
    series.push_back({.name = legend,
                      .x = metrics_.column("epoch"),
                      .y = metrics_.column(column),
                      .dashed = column.starts_with("test")});
  chart(file, series, {.title = title, .x_label = "epoch", .y_label = y_label}, alt, caption);
}

void RunReport::score(double score, const std::string& what) {
  if (std::isnan(score)) return;
  page_.paragraph(
      "Score of " + what + ": " + with_digits(score, 2) +
      ". It is the Frechet distance between features of generated and of test images in a small "
      "classifier: lower is better, 0 is perfect, and it means nothing outside of this "
      "classifier.");
}

void RunReport::finish(const std::vector<std::pair<std::string, std::string>>& layer_tables) {
  page_.section("Settings and layers");
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, value] : run_.settings->as_text())
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

}  // namespace examples
