// SPDX-License-Identifier: MIT
#pragma once
// The page of one run: curves and pictures, and what one sees in them.

#include <string>

#include "common/latent_gallery.hpp"
#include "common/run_report.hpp"

namespace examples {

/// Test errors that a reader may compare with: principal components of the training images.
inline constexpr double pca_128_test_error = 0.006312;

/// Writes the PNGs and report.html of a run into its folder.
template <AutoencoderKind Kind>
void write_report(ModelOf<Kind>& model, const lamina::datasets::FashionMnist& data,
                  const OpenRun& run, const lamina::train::MetricsTable& metrics, lamina::Seed seed,
                  bool interrupted) {
  RunReport report(run, data, metrics, interrupted, Kind::title);
  auto& page = report.page();
  ModelCoder coder(model);

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
  report.finish({{"", layer_table_text<typename Kind::Net, Image>()}});
}

}  // namespace examples
