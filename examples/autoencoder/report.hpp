// SPDX-License-Identifier: MIT
#pragma once
// The page of one run: settings, layers, curves and pictures, and what one sees in them.

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "lamina/plot/curves.hpp"
#include "lamina/plot/png.hpp"
#include "lamina/plot/report.hpp"
#include "lamina/train/metrics.hpp"
#include "lamina/train/run_folder.hpp"
#include "lamina/train/settings.hpp"

#include "gallery.hpp"

namespace examples {

/// Test errors that a reader may compare with: principal components of the training images.
inline constexpr double pca_128_test_error = 0.006312;

template <class Kind>
std::string layer_table_text() {
  std::ostringstream text;
  print(text, lamina::layer_table<typename Kind::Net, Image>);
  return text.str();
}

inline lamina::plot::Picture draw_losses(const lamina::train::MetricsTable& metrics,
                                         const std::string& title) {
  const auto epochs = metrics.column("epoch");
  return lamina::plot::line_chart(
      {{.name = "training images", .x = epochs, .y = metrics.column("train_mse")},
       {.name = "test images", .x = epochs, .y = metrics.column("test_mse"), .dashed = true}},
      {.title = title, .x_label = "epoch", .y_label = "mean squared error"});
}

/// Writes the PNGs and report.html of a run into its folder.
template <AutoencoderKind Kind>
void write_report(ModelOf<Kind>& model, const lamina::datasets::FashionMnist& data,
                  const lamina::train::RunFolder& folder, const lamina::train::Settings& settings,
                  const lamina::train::MetricsTable& metrics, const std::string& machine,
                  lamina::Seed seed, bool interrupted) {
  using lamina::plot::Picture;
  const auto epochs = metrics.rows.size();
  const std::string about =
      data.name() + ", " + std::to_string(epochs) + (epochs == 1 ? " epoch" : " epochs");
  lamina::plot::Report page(Kind::title, about);
  const auto add = [&](const char* file, const Picture& picture, const char* alt,
                       const std::string& caption) {
    const auto png = lamina::plot::encode_png(picture);
    lamina::write_file_atomically(folder / file, std::span{png});
    page.figure(png, alt, caption);
  };

  if (interrupted)
    page.note(
        "The run was interrupted; --resume goes on with it. What follows is the state at "
        "that moment.");
  if (data.subset) page.note("Made from the " + data.name() + ", not from the full data set.");
  if (epochs > 0) {
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
    add("loss.png", draw_losses(metrics, "Reconstruction error, " + about),
        "Curves of the training and test error over the epochs",
        "Both errors are evaluated over the whole set at the end of each epoch.");
  }

  page.section("Reconstructions");
  add("reconstructions.png",
      draw_reconstructions(model, data.test, "Test images and their reconstructions"),
      "One test image of each class above its reconstruction",
      "The first test image of each class; below each reconstruction its mean squared error. "
      "Shapes survive; fine texture, prints and lettering are what 128 numbers lose first.");

  const auto latents = latent_statistics(model, data.test);
  page.section("Latent space");
  page.paragraph("The encoder puts the test images at vectors of mean length " +
                 with_digits(latents.length, 1) + ", around a centre at distance " +
                 with_digits(latents.mean_norm, 1) +
                 " from the origin, with a mean standard deviation of " +
                 with_digits(latents.deviation, 2) +
                 " per dimension. A standard normal vector has length 11.3, centre 0 and "
                 "deviation 1.");
  add("latent_scaled.png", draw_scaled(model, data.test, "Decoded from t z"),
      "Images decoded from scaled latent vectors, t growing from left to right",
      "z is the latent vector of the image on the left. Near t = 1 the image is the "
      "reconstruction; towards 0 all rows approach the one image that the decoder makes of the "
      "origin, and large t exaggerates contrast and shape until the output saturates.");
  add("latent_interpolation.png",
      draw_interpolation(model, data.test, "Decoded along the line between two images"),
      "Images decoded between the latent vectors of pairs of test images",
      "Between the ends the decoder blends: one garment fades out while the other fades in. "
      "Nothing in the loss asks for plausible images in between.");
  add("latent_random.png", draw_random(model, seed, "Decoded from z of a standard normal"),
      "Images decoded from random latent vectors",
      "Random vectors do not fall where the encoder puts images, so that most of these are no "
      "garments: an autoencoder learns to compress, not to sample.");

  page.section("Settings and layers");
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, value] : settings.as_text())
    rows.push_back({name, value});
  rows.push_back({"data", data.source.string()});
  rows.push_back({"machine", machine});
  page.table({"setting", "value"}, rows);
  page.preformatted(layer_table_text<Kind>());
  if (epochs > 0) {
    std::vector<std::vector<std::string>> figures;
    for (const auto& row : metrics.rows)
      figures.push_back({with_digits(row[0], 0), with_digits(row[1], 6), with_digits(row[2], 6),
                         with_digits(row[3], 2), with_digits(row[4], 0)});
    page.table({"epoch", "train MSE", "test MSE", "seconds", "images per second"}, figures,
               "seconds: training without evaluation");
  }
  page.save(folder / "report.html");
}

}  // namespace examples
