// SPDX-License-Identifier: MIT
#pragma once
// The page of one run of a DCGAN: how the game went, and what came out.

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "lamina/plot/apng.hpp"

#include "training.hpp"

namespace examples {

inline lamina::plot::Series step_curve(const lamina::train::MetricsTable& steps,
                                       const std::string& column, const std::string& name) {
  return {.name = name, .x = steps.column("step"), .y = steps.column(column)};
}

/// At most `most` of the mosaics, evenly spread, the last among them.
inline std::vector<lamina::plot::Picture> progress_frames(const DcganOutcome& outcome,
                                                          std::size_t most = 40) {
  const auto& all = outcome.mosaics;
  std::vector<lamina::plot::Picture> frames;
  const std::size_t count = (std::min)(most, all.size());
  for (std::size_t i = 0; i < count; ++i)
    frames.push_back(all[count == 1 ? all.size() - 1 : i * (all.size() - 1) / (count - 1)].second);
  return frames;
}

/// Into result.json, for pages about several runs.
inline void write_result(const OpenRun& run, const DcganOutcome& outcome) {
  lamina::train::Settings result;
  if (!std::isnan(outcome.score)) result.set("score", outcome.score);
  result.set("stable", outcome.stability.stable);
  result.set("verdict", outcome.stability.verdict);
  result.set("reason", outcome.stability.reason);
  result.write(run.folder / result_name);
}

template <DcganKind Kind>
void write_report(const DcganOptions& options, const OpenRun& run,
                  const lamina::datasets::FashionMnist& data, const DcganOutcome& outcome) {
  RunReport report(run, data, outcome.metrics, outcome.interrupted, "DCGAN-" + options.model);
  auto& page = report.page();
  page.section("Result");
  page.note("Training was " + std::string(outcome.stability.stable ? "" : "not stable: ") +
            outcome.stability.verdict + ". " + outcome.stability.reason);
  report.score(outcome.score);
  if (!outcome.mosaics.empty()) {
    report.figure("samples.png", outcome.mosaics.back().second, "Sixty-four generated images",
                  "The last of the mosaics: 64 latent vectors that stay the same through the run.");
    const auto frames = progress_frames(outcome);
    const auto animation = lamina::plot::encode_apng(frames, 400);
    lamina::write_file_atomically(run.folder / "progress.png", std::span{animation});
    page.figure(animation, "The same sixty-four images while the generator learns, animated",
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
  report.finish(
      {{"Generator", layer_table_text<typename Kind::Generator, typename Kind::Latent>()},
       {"Discriminator", layer_table_text<typename Kind::Discriminator, typename Kind::Image>()}});
  if (!outcome.interrupted) write_result(run, outcome);
}

}  // namespace examples
