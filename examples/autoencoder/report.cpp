// SPDX-License-Identifier: MIT
#include "report.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include "common/evaluation.hpp"
#include "common/finished_run.hpp"
#include "common/images.hpp"
#include "common/latent_gallery.hpp"
#include "common/numbers.hpp"
#include "common/run_report.hpp"

namespace examples {
namespace {

/// Test errors that a reader may compare with: principal components of the training images.
constexpr double pca_128_test_error = 0.006312;

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

lamina::plot::Series test_curve(const FinishedRun& run) {
  return {.name = run.label + ", test",
          .x = run.metrics.column("epoch"),
          .y = run.metrics.column("test_mse")};
}

}  // namespace

void write_report(Coder& coder, const std::string& title, const std::string& layers,
                  const lamina::datasets::FashionMnist& data, const OpenRun& run,
                  const TrainingRun& training, lamina::Seed seed) {
  const auto& metrics = training.metrics();
  RunReport report(run, data, metrics, training.interrupted(), title);
  auto& page = report.page();

  if (!metrics.rows.empty()) {
    const double first = metrics.column("test_mse").front();
    const double last = metrics.last("test_mse");
    const double gap = last / metrics.last("train_mse") - 1.0;
    page.section("Result")
        .note("Mean squared error on the test images: " + with_digits(last, 6))
        .paragraph("After the first epoch it was " + with_digits(first, 6) +
                   "; on the training images it is " + with_digits(metrics.last("train_mse"), 6) +
                   " now, so that test images are " + with_digits(100.0 * gap, 1) +
                   " % worse than those it was trained on. For comparison: projecting the test "
                   "images of the full data set on 128 principal components leaves " +
                   with_digits(pca_128_test_error, 6) + ".");
    report.curves("loss.png", "Reconstruction error, " + about_run(data, metrics),
                  "mean squared error",
                  {{"train_mse", "training images"}, {"test_mse", "test images"}},
                  "Curves of the training and test error over the epochs",
                  "Both errors are evaluated over the whole set at the end of each epoch.");
  }

  page.section("Reconstructions");
  report.figure(
      "reconstructions.png",
      draw_reconstructions(coder, data.test, "Test images and their reconstructions"),
      "One test image of each class above its reconstruction",
      "The first test image of each class; below each reconstruction its mean squared error. "
      "Shapes survive; fine texture, prints and lettering are what 128 numbers lose first.");

  const auto latents = latent_statistics(coder, data.test);
  page.section("Latent space");
  page.paragraph("The encoder puts the test images at vectors of mean length " +
                 with_digits(latents.length, 1) + ", around a centre at distance " +
                 with_digits(latents.mean_norm, 1) +
                 " from the origin, with a mean standard deviation of " +
                 with_digits(latents.deviation, 2) +
                 " per dimension. A standard normal vector has length 11.3, centre 0 and "
                 "deviation 1.");
  report.figure("latent_scaled.png", draw_scaled(coder, data.test, "Decoded from t z"),
                "Images decoded from scaled latent vectors, t growing from left to right",
                "z is the latent vector of the image on the left. Near t = 1 the image is the "
                "reconstruction; towards 0 all rows approach the one image that the decoder makes "
                "of the origin, and large t exaggerates contrast and shape until the output "
                "saturates.");
  report.figure(
      "latent_interpolation.png",
      draw_interpolation(coder, data.test, "Decoded along the line between two images"),
      "Images decoded between the latent vectors of pairs of test images",
      "Between the ends the decoder blends: one garment fades out while the other fades in. "
      "Nothing in the loss asks for plausible images in between.");
  report.figure("latent_random.png",
                draw_random(coder, seed, 16, "Decoded from z of a standard normal"),
                "Images decoded from random latent vectors",
                "Random vectors do not fall where the encoder puts images, so that most of these "
                "are no garments: an autoencoder learns to compress, not to sample.");
  report.score(metrics.last("score"), "images decoded from random vectors");
  report.finish({{"", layers}});
}

void compare_runs(const std::filesystem::path& folder_a, const std::filesystem::path& folder_b,
                  const lamina::datasets::FashionMnist& data,
                  const std::filesystem::path& page_file) {
  const auto [a, b] = read_runs(folder_a, folder_b);
  const auto& test = data.test;
  const auto each_class = one_of_each_class(test);
  const auto errors_a = test_errors(a, test);
  const auto errors_b = test_errors(b, test);
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

  page.figure(draw_chart({test_curve(a), test_curve(b)}, {.title = "Test error after each epoch",
                                                          .x_label = "epoch",
                                                          .y_label = "mean squared error"}),
              "Curves of both test errors over the epochs",
              "An epoch is one pass over the same training images for both; it does not cost both "
              "the same time (see the table).");

  page.section("The same test images");
  page.figure(
      draw_both("One image of each class", test, each_class, a, b),
      "Test images above the reconstructions by both models",
      "The first test image of each class; below each reconstruction its mean squared error.");

  constexpr std::size_t shown = 10;
  const auto best = smallest(test.size(), shown, [&](std::size_t i) { return winner_errors[i]; });
  const auto worst = smallest(test.size(), shown, [&](std::size_t i) { return -winner_errors[i]; });
  const auto upsets = smallest(test.size(), shown,
                               [&](std::size_t i) { return loser_errors[i] - winner_errors[i]; });
  page.section("Best and worst");
  page.figure(draw_both("Best reconstructed by " + winner.label, test, best, a, b),
              "The ten test images with the smallest error",
              "Plain, dark or narrow garments are easy.");
  page.figure(
      draw_both("Worst reconstructed by " + winner.label, test, worst, a, b),
      "The ten test images with the largest error",
      "Stripes, prints and lettering are hard: their detail does not fit into 128 numbers.");
  page.figure(
      draw_both("Where " + loser.label + " does best beside " + winner.label, test, upsets, a, b),
      "The ten test images where the losing model is strongest",
      "The images with the smallest difference in favour of " + winner.label +
          ", or the largest in favour of " + loser.label + ".");
  page.save(page_file);
}

}  // namespace examples
