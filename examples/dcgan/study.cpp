// SPDX-License-Identifier: MIT
#include "study.hpp"

#include <cmath>
#include <iostream>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "lamina/plot/report.hpp"

#include "common/numbers.hpp"
#include "common/pictures.hpp"
#include "common/run_report.hpp"
#include "report.hpp"
#include "training.hpp"

namespace examples {
namespace {

/// Sets one line of the table.
/// errors run: a column that is no setting of a study
void apply_setting(DcganOptions& options, const std::vector<std::string>& columns,
                   const std::vector<double>& values) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == "learning_rate")
      options.learning_rate = values[i];
    else if (columns[i] == "beta1")
      options.beta1 = values[i];
    else if (columns[i] == "width")
      options.width = static_cast<int>(values[i]);
    else if (columns[i] == "batch_size")
      options.batch_size = static_cast<std::int64_t>(values[i]);
    else if (columns[i] == "label_smoothing")
      options.label_smoothing = values[i];
    else
      throw std::runtime_error(
          "a study can change learning_rate, beta1, width, batch_size and label_smoothing, and its "
          "table has a column '" +
          columns[i] + "'");
  }
}

/// Trains the setting in the options unless its folder says that this was done. Returns false when it
/// was interrupted.
bool run_setting(DcganOptions& options, const lamina::datasets::FashionMnist& data,
                 const std::filesystem::path& folder) {
  using lamina::train::RunFolder;
  if (std::filesystem::exists(folder / result_name)) return true;
  options.resume = RunFolder::holds_run(folder);
  const OpenRun run{options.resume ? RunFolder::resume(folder) : RunFolder::create_at(folder),
                    "dcgan", options};
  const DcganOutcome outcome = train_dcgan(options, run, data);
  write_report(options, run, data, outcome);
  return !outcome.interrupted;
}

/// The page about all settings, from their folders.
void write_study_page(const std::filesystem::path& path, const lamina::train::MetricsTable& table,
                      const std::vector<std::filesystem::path>& folders,
                      const DcganOptions& options, const lamina::datasets::FashionMnist& data) {
  lamina::plot::Report page("Which settings train a stable DCGAN?",
                            "DCGAN-" + options.model + " on " + data.name() + ", " +
                                (options.steps > 0 ? std::to_string(options.steps) + " steps"
                                                   : std::to_string(options.epochs) + " epochs") +
                                " each");
  if (data.subset) page.note("Made from the " + data.name() + ", not from the full data set.");
  auto header = table.columns;
  header.insert(header.begin(), "setting");
  for (const char* more : {"score", "verdict"})
    header.emplace_back(more);
  std::vector<std::vector<std::string>> rows;
  std::vector<DcganResult> results;
  std::size_t best = 0;
  double best_score = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < folders.size(); ++i) {
    results.push_back(read_result(folders[i]));
    const double score = results[i].score;
    if (score < best_score) {
      best_score = score;
      best = i;
    }
    rows.push_back({std::to_string(i + 1)});
    for (const double value : table.rows[i])
      rows.back().push_back(significant(value));
    rows.back().push_back(std::isnan(score) ? "" : with_digits(score, 1));
    rows.back().push_back(results[i].verdict);
  }
  page.section("Answer");
  if (std::isfinite(best_score))
    page.note("Setting " + std::to_string(best + 1) + " has the best score, " +
              with_digits(best_score, 1) + ".");
  page.table(header, rows, "score: Frechet distance in the classifier's features, lower is better");
  for (std::size_t i = 0; i < folders.size(); ++i) {
    std::string title = "Setting " + std::to_string(i + 1) + ":";
    for (std::size_t c = 0; c < table.columns.size(); ++c)
      title += (c == 0 ? " " : ", ") + table.columns[c] + " " + significant(table.rows[i][c]);
    page.section(title).paragraph(results[i].verdict + ". " + results[i].reason);
    const auto steps = lamina::train::read_metrics(folders[i] / "steps.csv");
    page.figure(draw_chart({step_curve(steps, "d_loss", "discriminator"),
                            step_curve(steps, "g_loss", "generator")},
                           {.title = "Losses", .x_label = "step", .y_label = "loss"}),
                "Curves of both losses over the steps of setting " + std::to_string(i + 1));
    if (std::filesystem::exists(folders[i] / "samples.png"))
      page.figure(read_png(folders[i] / "samples.png"),
                  "Sixty-four images generated at the end of setting " + std::to_string(i + 1));
  }
  page.save(path);
}

}  // namespace

int run_study(DcganOptions& options, const std::filesystem::path& file) {
  const auto table = lamina::train::read_metrics(file);
  if (table.rows.empty()) throw std::runtime_error(file.string() + " has no line of settings");
  const auto data = load_data(options);
  const std::filesystem::path out =
      options.out.empty() ? std::filesystem::path("runs") / ("study-" + file.stem().string())
                          : std::filesystem::path(options.out);
  std::vector<std::filesystem::path> folders;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    folders.push_back(out / ("setting-" + std::to_string(i + 1)));
    apply_setting(options, table.columns, table.rows[i]);
    std::cout << "setting " << i + 1 << " of " << table.rows.size() << '\n';
    if (!run_setting(options, data, folders.back())) {
      std::cout << "the study was interrupted; the same command goes on with it\n";
      return 130;
    }
  }
  write_study_page(out / "study.html", table, folders, options, data);
  std::cout << "the study is in " << (out / "study.html").string() << '\n';
  return 0;
}

}  // namespace examples
