// SPDX-License-Identifier: MIT
#pragma once
// One page about a plain and a variational autoencoder of the same encoder and decoder: what sampling
// costs in reconstruction, and what it buys.

#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include "common/finished_run.hpp"

namespace examples {

/// Writes the page and returns where it lies.
inline std::filesystem::path compare_runs(const std::filesystem::path& folder_a,
                                          const std::filesystem::path& folder_b,
                                          const lamina::datasets::FashionMnist& data,
                                          std::filesystem::path page_path) {
  auto [a, b] = read_runs(folder_a, folder_b);
  if (a.settings.get<std::string>("program") == Variational::name) std::swap(a, b);
  const auto& test = data.test;
  const auto positions = one_of_each_class(test);
  const auto mean = [](const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  };
  const double error_a = mean(reconstruct(a, test, positions).errors);
  const double error_b = mean(reconstruct(b, test, positions).errors);

  lamina::plot::Report page("What does a VAE change?",
                            a.label + " and " + b.label + " on " + data.name());
  const auto add = [&](const lamina::plot::Picture& picture, const std::string& alt,
                       const std::string& caption) {
    page.figure(lamina::plot::encode_png(picture), alt, caption);
  };
  if (data.subset) page.note("Made from the " + data.name() + ", not from the full data set.");
  page.section("Reconstruction")
      .note("The mean squared error on the test images is " + with_digits(error_a, 6) + " for " +
            a.label + " and " + with_digits(error_b, 6) + " for " + b.label + ", " +
            with_digits(error_b / error_a, 2) + " times as much.")
      .paragraph(
          "The VAE trades reconstruction for a code that follows the prior: the divergence "
          "charges for every nat, so that it keeps only what lowers the reconstruction loss by "
          "more, and the noise on z hides what is left of fine detail. Its images are decoded "
          "here from the means, without noise.");
  add(draw_both("The same test images", test, positions, a, b),
      "Test images above the reconstructions by both models",
      "The first test image of each class; below each reconstruction its mean squared error.");

  page.section("Random samples");
  const auto samples_of = [](const FinishedRun& run) {
    return with_coder(run, [&](auto& coder) {
      return draw_random(coder, lamina::Seed{1}, 16,
                         run.label + ": decoded from a standard normal");
    });
  };
  for (const FinishedRun* run : {&a, &b}) {
    const auto statistics =
        with_coder(*run, [&](auto& coder) { return latent_statistics(coder, test); });
    add(samples_of(*run), "Sixty-four images decoded from random vectors by " + run->label,
        "The same 64 vectors for both models. " + run->label +
            " puts test images at vectors of mean "
            "length " +
            with_digits(statistics.length, 1) + ", " + with_digits(statistics.mean_norm, 1) +
            " from the origin on average; the vectors drawn "
            "here have length 11.3 and centre 0.");
  }
  page.paragraph(
      "A plain autoencoder never sees what lies between the codes of its images, nor does "
      "anything keep them near the origin; a vector drawn at random falls outside and "
      "decodes to texture. The VAE's decoder has seen noisy vectors from all over the "
      "prior.");
  page.save(page_path);
  return page_path;
}

}  // namespace examples
