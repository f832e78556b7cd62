// SPDX-License-Identifier: MIT
#pragma once
// One page about two runs: which autoencoder reconstructs better, and where.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <numeric>
#include <string>
#include <vector>

#include "common/finished_run.hpp"

namespace examples {

/// Positions of the `count` smallest values of `key`.
template <class Key>
std::vector<std::size_t> smallest(std::size_t size, std::size_t count, Key&& key) {
  std::vector<std::size_t> positions(size);
  std::iota(positions.begin(), positions.end(), std::size_t{0});
  count = (std::min)(count, size);
  std::partial_sort(positions.begin(), positions.begin() + static_cast<std::ptrdiff_t>(count),
                    positions.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  positions.resize(count);
  return positions;
}

inline lamina::plot::Series test_curve(const FinishedRun& run) {
  return {.name = run.label + ", test",
          .x = run.metrics.column("epoch"),
          .y = run.metrics.column("test_mse")};
}

/// Writes the page and returns where it lies.
inline std::filesystem::path compare_runs(const std::filesystem::path& folder_a,
                                          const std::filesystem::path& folder_b,
                                          const lamina::datasets::FashionMnist& data,
                                          std::filesystem::path page_path) {
  const auto [a, b] = read_runs(folder_a, folder_b);
  const auto& test = data.test;
  const auto each_class = one_of_each_class(test);
  const auto errors_a = reconstruct(a, test, each_class).errors;
  const auto errors_b = reconstruct(b, test, each_class).errors;
  const auto mean = [](const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  };
  const double mean_a = mean(errors_a);
  const double mean_b = mean(errors_b);
  const bool a_wins = mean_a < mean_b;
  const FinishedRun& winner = a_wins ? a : b;
  const FinishedRun& loser = a_wins ? b : a;
  const auto& winner_errors = a_wins ? errors_a : errors_b;
  const auto& loser_errors = a_wins ? errors_b : errors_a;
  std::size_t wins = 0;
  for (std::size_t i = 0; i < test.size(); ++i)
    wins += winner_errors[i] < loser_errors[i] ? 1U : 0U;

  lamina::plot::Report page("Which autoencoder reconstructs better?",
                            a.label + " and " + b.label + " on " + data.name());
  if (data.subset) page.note("Made from the " + data.name() + ", not from the full data set.");
  page.section("Answer");
  page.note(winner.label + " wins: its mean squared error on the test images is " +
            with_digits((std::min)(mean_a, mean_b), 6) + ", against " +
            with_digits((std::max)(mean_a, mean_b), 6) + " for " + loser.label + " (a factor of " +
            with_digits((std::max)(mean_a, mean_b) / (std::min)(mean_a, mean_b), 2) +
            "). It is better on " + std::to_string(wins) + " of " + std::to_string(test.size()) +
            " test images.");

  const auto row = [&](const FinishedRun& run, const std::vector<double>& errors) {
    auto sorted = errors;
    std::sort(sorted.begin(), sorted.end());
    const auto seconds = run.metrics.column("seconds");
    return std::vector<std::string>{
        run.label,
        std::to_string(run.metrics.rows.size()),
        with_digits(std::accumulate(seconds.begin(), seconds.end(), 0.0), 1),
        with_digits(run.metrics.last("train_mse"), 6),
        with_digits(mean(errors), 6),
        with_digits(sorted[sorted.size() / 2], 6),
        with_digits(sorted.back(), 6)};
  };
  page.table({"model", "epochs", "seconds of training", "train MSE", "test MSE", "median image",
              "worst image"},
             {row(a, errors_a), row(b, errors_b)});

  const auto add = [&](const lamina::plot::Picture& picture, const char* alt,
                       const std::string& caption) {
    page.figure(lamina::plot::encode_png(picture), alt, caption);
  };
  add(lamina::plot::line_chart({test_curve(a), test_curve(b)},
                               {.title = "Test error after each epoch",
                                .x_label = "epoch",
                                .y_label = "mean squared error"}),
      "Curves of both test errors over the epochs",
      "An epoch is one pass over the same training images for both; it does not cost both the "
      "same time (see the table).");

  page.section("The same test images");
  add(draw_both("One image of each class", test, each_class, a, b),
      "Test images above the reconstructions by both models",
      "The first test image of each class; below each reconstruction its mean squared error.");

  constexpr std::size_t shown = 10;
  const auto best = smallest(test.size(), shown, [&](std::size_t i) { return winner_errors[i]; });
  const auto worst = smallest(test.size(), shown, [&](std::size_t i) { return -winner_errors[i]; });
  const auto upsets = smallest(test.size(), shown,
                               [&](std::size_t i) { return loser_errors[i] - winner_errors[i]; });
  page.section("Best and worst");
  add(draw_both("Best reconstructed by " + winner.label, test, best, a, b),
      "The ten test images with the smallest error", "Plain, dark or narrow garments are easy.");
  add(draw_both("Worst reconstructed by " + winner.label, test, worst, a, b),
      "The ten test images with the largest error",
      "Stripes, prints and lettering are hard: their detail does not fit into 128 numbers.");
  add(draw_both("Where " + loser.label + " does best beside " + winner.label, test, upsets, a, b),
      "The ten test images where the losing model is strongest",
      "The images with the smallest difference in favour of " + winner.label +
          ", or the largest in favour of " + loser.label + ".");
  page.save(page_path);
  return page_path;
}

}  // namespace examples
