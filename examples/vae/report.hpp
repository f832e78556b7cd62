// SPDX-License-Identifier: MIT
#pragma once
// The page of one run of the VAE: curves and pictures, and what one sees in them.

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "lamina/plot/bars.hpp"

#include "common/latent_gallery.hpp"
#include "common/projection.hpp"
#include "common/run_report.hpp"
#include "evaluation.hpp"

namespace examples {

inline void write_report(VaeModel& vae, const lamina::datasets::FashionMnist& data,
                         const OpenRun& run, const lamina::train::MetricsTable& metrics,
                         lamina::Seed seed, bool interrupted) {
  RunReport report(run, data, metrics, interrupted, Variational::title);
  auto& page = report.page();
  const VaeEvaluation test = evaluate(vae, data.test);

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
                draw_reconstructions(vae, data.test, "Test images and their reconstructions"),
                "One test image of each class above its reconstruction",
                "Decoded from the means of q(z | x); below each its mean squared error. They are "
                "smoother than a plain autoencoder's: each nat of detail has to pay for itself.");

  page.section("Samples");
  report.figure("samples.png", draw_random(vae, seed, 8, "Decoded from z of a standard normal"),
                "Sixty-four images decoded from random latent vectors",
                "The divergence has pressed the codes of all images towards a standard normal "
                "distribution, so that vectors drawn from it decode to garments, if blurred ones.");

  page.section("Latent space");
  const auto latents = latent_statistics(vae, data.test);
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
      lamina::plot::bar_chart(kl, {},
                              {.title = "Divergence of each latent dimension",
                               .x_label = "dimension, sorted",
                               .y_label = "nats per image"}),
      "Bars of the divergence of each latent dimension, largest first",
      "Test images. Dimensions near 0 say nothing about the image; the decoder has learned "
      "to ignore their noise.");
  report.figure("latent_projection.png",
                draw_projection(vae, data.test, "Means of the test images"),
                "Scatter plot of the latent means in two dimensions, coloured by class",
                "Two principal components of the means. Shoes, bags, trousers and tops separate "
                "though no label was ever used.");
  report.figure("latent_scaled.png", draw_scaled(vae, data.test, "Decoded from t z"),
                "Images decoded from scaled latent vectors, t growing from left to right",
                "z is the mean for the image on the left. Towards 0 all rows approach the average "
                "garment; past 1 the features of the class are exaggerated, and what lies far from "
                "the prior is no longer a garment.");
  report.figure(
      "latent_interpolation.png",
      draw_interpolation(vae, data.test, "Decoded along the line between two images"),
      "Images decoded between the latent vectors of pairs of test images",
      "Sampling has taught the decoder to make something sensible around and between codes: more "
      "of the images on the way are garments than with the plain autoencoder.");
  report.finish({{"Encoder", layer_table_text<Variational::Encoder, Image>()},
                 {"Decoder", layer_table_text<Variational::Decoder, Latent>()}});
}

}  // namespace examples
