// SPDX-License-Identifier: MIT
#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <utility>
#include <vector>

#include "lamina/train/settings.hpp"

#include "common/pictures.hpp"
#include "common/run_report.hpp"

namespace examples {

lamina::plot::Series step_curve(const lamina::train::MetricsTable& steps, const std::string& column,
                                const std::string& name) {
  return {.name = name, .x = steps.column("step"), .y = steps.column(column)};
}

namespace {

/// At most `most` of the mosaics, evenly spread, the last among them.
std::vector<std::filesystem::path> progress_frames(const DcganOutcome& outcome,
                                                   std::size_t most = 40) {
  const auto& all = outcome.mosaics;
  std::vector<std::filesystem::path> frames;
  const std::size_t count = (std::min)(most, all.size());
  for (std::size_t i = 0; i < count; ++i)
    frames.push_back(all[count == 1 ? all.size() - 1 : i * (all.size() - 1) / (count - 1)]);
  return frames;
}

/// Into result.json, for pages about several runs.
void write_result(const OpenRun& run, const DcganOutcome& outcome) {
  lamina::train::Settings result;
  if (!std::isnan(outcome.score)) result.set("score", outcome.score);
  result.set("stable", outcome.stability.stable);
  result.set("verdict", outcome.stability.verdict);
  result.set("reason", outcome.stability.reason);
  result.write(run.folder / result_name);
}

}  // namespace

void write_report(const DcganOptions& options, const OpenRun& run,
                  const lamina::datasets::FashionMnist& data, const DcganOutcome& outcome) {
  RunReport report(run, data, outcome.metrics, outcome.interrupted, "DCGAN-" + options.model);
  auto& page = report.page();
  page.section("Result");
  page.note("Training was " + std::string(outcome.stability.stable ? "" : "not stable: ") +
            outcome.stability.verdict + ". " + outcome.stability.reason);
  report.score(outcome.score);
  if (!outcome.mosaics.empty()) {
    report.figure("samples.png", read_png(outcome.mosaics.back()), "Sixty-four generated images",
                  "The last of the mosaics: 64 latent vectors that stay the same through the run.");
    report.figure("progress.png", animate(progress_frames(outcome), 400),
                  "The same sixty-four images while the generator learns, animated",
                  "The same latent vectors every " + std::to_string(options.mosaic_every) +
                      " steps; all mosaics are in the folder mosaics.");
  }
  if (!outcome.steps.rows.empty()) {
    page.section("The game");
    report.chart(
        "losses.png",
        {step_curve(outcome.steps, "d_loss", "discriminator"),
         step_curve(outcome.steps, "g_loss", "generator")},
        {.title = "Losses", .x_label = "step", .y_label = "loss"},
        "Curves of both losses over the steps",
        "Neither loss need fall: each depends on how good the other side is at the moment. "
        "What counts is that neither runs away.");
    report.chart(
        "judgements.png",
        {step_curve(outcome.steps, "d_real", "D(x)"),
         step_curve(outcome.steps, "d_fake", "D(G(z)) before D's update"),
         step_curve(outcome.steps, "d_fake_after", "D(G(z)) after it")},
        {.title = "What the discriminator says",
         .x_label = "step",
         .y_label = "mean of sigmoid",
         .y_range = std::pair{0.0, 1.0}},
        "Curves of the discriminator's judgement over the steps",
        "1 is real, 0 is generated. Where both meet at 0.5, the discriminator cannot tell them "
        "apart.");
  }
  report.finish(outcome.layer_tables);
  if (!outcome.interrupted) write_result(run, outcome);
}

DcganResult read_result(const std::filesystem::path& folder) {
  const auto result = lamina::train::Settings::read(folder / result_name);
  return {result.get_or("score", not_taken), result.get<std::string>("verdict"),
          result.get<std::string>("reason")};
}

}  // namespace examples
