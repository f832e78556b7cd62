// SPDX-License-Identifier: MIT
#include "report.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "common/evaluation.hpp"
#include "common/finished_run.hpp"
#include "common/images.hpp"
#include "common/latent_gallery.hpp"
#include "common/layer_text.hpp"
#include "common/numbers.hpp"
#include "common/run_report.hpp"

namespace examples {

void write_report(Coder& coder, const VaeEvaluation& test,
                  const lamina::datasets::FashionMnist& data, const OpenRun& run,
                  const TrainingRun& training, lamina::Seed seed) {
  const auto& metrics = training.metrics();
  RunReport report(run, data, metrics, training.interrupted(), Variational::title);
  auto& page = report.page();

  page.section("Result")
      .note("On the test images: reconstruction " + with_digits(test.losses.reconstruction, 2) +
            " + divergence " + with_digits(test.losses.kl, 2) + " = " +
            with_digits(test.losses.sum(), 2) + " nats per image.")
      .paragraph("The mean squared error of the reconstructions is " +
                 with_digits(test.mse_mean, 6) + " from the means of q(z | x) and " +
                 with_digits(test.mse_sample, 6) + " from one sample of it. " +
                 std::to_string(test.active_dimensions()) + " of " + std::to_string(latent_size) +
                 " latent dimensions carry more than 0.1 nats.");
  if (!metrics.rows.empty()) {
    report.curves(
        "loss_reconstruction.png", "Reconstruction, " + about_run(data, metrics), "nats per image",
        {{"train_reconstruction", "training images"}, {"test_reconstruction", "test images"}},
        "Curves of the reconstruction loss over the epochs",
        "What the decoder loses: evaluated over the whole set after each epoch, with one "
        "sampled z for each image.");
    report.curves("loss_kl.png", "Divergence from the prior, " + about_run(data, metrics),
                  "nats per image", {{"train_kl", "training images"}, {"test_kl", "test images"}},
                  "Curves of the Kullback-Leibler divergence over the epochs",
                  "What the code tells about an image beyond the prior: the price of the "
                  "reconstruction.");
  }

  page.section("Reconstructions");
  report.figure("reconstructions.png",
                draw_reconstructions(coder, data.test, "Test images and their reconstructions"),
                "One test image of each class above its reconstruction",
                "Decoded from the means of q(z | x); below each its mean squared error. They are "
                "smoother than a plain autoencoder's: each nat of detail has to pay for itself.");

  page.section("Samples");
  report.figure("samples.png", draw_random(coder, seed, 8, "Decoded from z of a standard normal"),
                "Sixty-four images decoded from random latent vectors",
                "The divergence has pressed the codes of all images towards a standard normal "
                "distribution, so that vectors drawn from it decode to garments, if blurred ones.");
  report.score(metrics.last("score"), "images decoded from random vectors");

  page.section("Latent space");
  const auto latents = latent_statistics(coder, data.test);
  page.paragraph("The means of the test images have a mean length of " +
                 with_digits(latents.length, 1) + ", a centre at distance " +
                 with_digits(latents.mean_norm, 2) +
                 " from the origin and a mean standard deviation "
                 "of " +
                 with_digits(latents.deviation, 2) +
                 " per dimension: in unused dimensions every image has mean 0 and variance 1.");
  auto kl = test.kl;
  std::ranges::sort(kl, std::greater<>());
  report.figure(
      "kl_dimensions.png",
      draw_bars(kl, {.title = "Divergence of each latent dimension",
                     .x_label = "dimension, sorted",
                     .y_label = "nats per image"}),
      "Bars of the divergence of each latent dimension, largest first",
      "Test images. Dimensions near 0 say nothing about the image; the decoder has learned "
      "to ignore their noise.");
  report.figure("latent_projection.png",
                draw_projection(coder, data.test, "Means of the test images"),
                "Scatter plot of the latent means in two dimensions, coloured by class",
                "Two principal components of the means. Shoes, bags, trousers and tops separate "
                "though no label was ever used.");
  report.figure("latent_scaled.png", draw_scaled(coder, data.test, "Decoded from t z"),
                "Images decoded from scaled latent vectors, t growing from left to right",
                "z is the mean for the image on the left. Towards 0 all rows approach the average "
                "garment; past 1 the features of the class are exaggerated, and what lies far from "
                "the prior is no longer a garment.");
  report.figure(
      "latent_interpolation.png",
      draw_interpolation(coder, data.test, "Decoded along the line between two images"),
      "Images decoded between the latent vectors of pairs of test images",
      "Sampling has taught the decoder to make something sensible around and between codes: more "
      "of the images on the way are garments than with the plain autoencoder.");
  report.finish({{"Encoder", layer_table_text<Variational::Encoder, Image>()},
                 {"Decoder", layer_table_text<Variational::Decoder, Latent>()}});
}

void compare_runs(const std::filesystem::path& folder_a, const std::filesystem::path& folder_b,
                  const lamina::datasets::FashionMnist& data,
                  const std::filesystem::path& page_file) {
  auto [a, b] = read_runs(folder_a, folder_b);
  if (a.settings.get<std::string>("program") == Variational::name) std::swap(a, b);
  const auto& test = data.test;
  const auto positions = one_of_each_class(test);
  const auto mean = [](const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  };
  const double error_a = mean(test_errors(a, test));
  const double error_b = mean(test_errors(b, test));

  lamina::plot::Report page("What does a VAE change?",
                            a.label + " and " + b.label + " on " + data.name());
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
  page.figure(
      draw_both("The same test images", test, positions, a, b),
      "Test images above the reconstructions by both models",
      "The first test image of each class; below each reconstruction its mean squared error.");

  page.section("Random samples");
  for (const FinishedRun* run : {&a, &b}) {
    LatentStatistics statistics{};
    Png samples;
    with_coder(*run, [&](Coder& coder) {
      statistics = latent_statistics(coder, test);
      samples =
          draw_random(coder, lamina::Seed{1}, 16, run->label + ": decoded from a standard normal");
    });
    page.figure(samples, "Sixty-four images decoded from random vectors by " + run->label,
                "The same 64 vectors for both models. " + run->label +
                    " puts test images at vectors of mean "
                    "length " +
                    with_digits(statistics.length, 1) + ", " +
                    with_digits(statistics.mean_norm, 1) +
                    " from the origin on average; the vectors drawn "
                    "here have length 11.3 and centre 0.");
  }
  page.paragraph(
      "A plain autoencoder never sees what lies between the codes of its images, nor does "
      "anything keep them near the origin; a vector drawn at random falls outside and "
      "decodes to texture. The VAE's decoder has seen noisy vectors from all over the "
      "prior.");
  page.save(page_file);
}

}  // namespace examples
