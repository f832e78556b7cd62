// SPDX-License-Identifier: MIT
#include "common/latent_gallery.hpp"

#include <array>
#include <utility>
#include <vector>

#include <Eigen/Eigenvalues>

#include "lamina/losses/losses.hpp"
#include "lamina/plot/mosaic.hpp"
#include "lamina/plot/png.hpp"
#include "lamina/plot/scatter.hpp"

#include "common/evaluation.hpp"
#include "common/images.hpp"
#include "common/numbers.hpp"

namespace examples {
namespace {

/// Decodes latent vectors, one per row of `latents`, into pictures.
std::vector<lamina::plot::Picture> decoded(Coder& coder, const lamina::Tensor<Latent>& latents) {
  return lamina::plot::pictures_of(coder.decode(latents).array());
}

lamina::Tensor<Latent> encoded(Coder& coder, const lamina::Tensor<Image>& images) {
  return lamina::Tensor<Latent>(coder.encode(images));
}

/// One row for each image, in the order of the data set.
Eigen::MatrixXd encoded_rows(Coder& coder, const lamina::Dataset<Image>& images) {
  const EvaluationMode evaluation(coder);
  Eigen::MatrixXd rows(static_cast<Eigen::Index>(images.size()), latent_size);
  Eigen::Index row = 0;
  for (const auto& batch : lamina::batches(images, evaluation_batch, lamina::InOrder{})) {
    const auto z = coder.encode(batch.images);
    for (std::size_t n = 0; n < z.size(); ++n, ++row)
      for (std::size_t i = 0; i < latent_size; ++i)
        rows(row, static_cast<Eigen::Index>(i)) = static_cast<double>(z.array()(n, i));
  }
  return rows;
}

}  // namespace

Png draw_reconstructions(Coder& coder, const lamina::Dataset<Image>& test,
                         const std::string& title) {
  const EvaluationMode evaluation(coder);
  const auto positions = one_of_each_class(test);
  const auto images = batch_of(test, positions);
  const auto output = coder.decode(coder.encode(images));
  std::vector<std::string> names;
  std::vector<std::string> errors;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    names.push_back(class_name(test, positions[i]));
    errors.push_back(
        with_digits(lamina::mse_loss(output.images(i, 1), images.images(i, 1)).value, 5));
  }
  lamina::plot::Mosaic mosaic(title);
  mosaic.column_labels(names);
  mosaic.row(lamina::plot::pictures_of(images.array()), "test image");
  mosaic.row(lamina::plot::pictures_of(output.array()), "reconstruction", errors);
  return lamina::plot::encode_png(mosaic.draw());
}

Png draw_scaled(Coder& coder, const lamina::Dataset<Image>& test, const std::string& title) {
  constexpr std::array factors{0.1F, 0.25F, 0.5F, 0.75F, 1.0F, 1.25F, 1.5F, 2.0F, 3.0F, 5.0F};
  const EvaluationMode evaluation(coder);
  const auto positions = one_of_each_class(test);
  const std::vector<std::size_t> chosen{positions.front(), positions.at(1), positions.at(5),
                                        positions.at(8), positions.at(9)};
  const auto images = batch_of(test, chosen);
  const auto z = encoded(coder, images);
  const auto originals = lamina::plot::pictures_of(images.array());

  lamina::plot::Mosaic mosaic(title);
  std::vector<std::string> labels{"image"};
  for (const float factor : factors)
    labels.push_back("t = " + with_digits(factor, 2));
  mosaic.column_labels(labels);
  lamina::Tensor<Latent> scaled(factors.size());
  for (std::size_t n = 0; n < chosen.size(); ++n) {
    for (std::size_t k = 0; k < factors.size(); ++k)
      for (std::size_t i = 0; i < latent_size; ++i)
        scaled.array()(k, i) = factors[k] * z.array()(n, i);
    auto row = decoded(coder, scaled);
    row.insert(row.begin(), originals[n]);
    mosaic.row(std::move(row), class_name(test, chosen[n]));
  }
  return lamina::plot::encode_png(mosaic.draw());
}

Png draw_interpolation(Coder& coder, const lamina::Dataset<Image>& test, const std::string& title) {
  constexpr std::array<std::pair<std::size_t, std::size_t>, 5> pairs{
      {{0, 1}, {2, 3}, {5, 9}, {7, 8}, {4, 6}}};  // classes
  constexpr std::size_t steps = 9;
  const EvaluationMode evaluation(coder);
  const auto positions = one_of_each_class(test);

  lamina::plot::Mosaic mosaic(title);
  std::vector<std::string> labels{"from"};
  for (std::size_t k = 0; k < steps; ++k)
    labels.push_back(with_digits(static_cast<double>(k) / (steps - 1), 3));
  labels.emplace_back("to");
  mosaic.column_labels(labels);
  lamina::Tensor<Latent> between(steps);
  for (const auto& [from, to] : pairs) {
    const auto ends = batch_of(test, {positions.at(from), positions.at(to)});
    const auto z = encoded(coder, ends);
    for (std::size_t k = 0; k < steps; ++k) {
      const float share = static_cast<float>(k) / (steps - 1);
      for (std::size_t i = 0; i < latent_size; ++i)
        between.array()(k, i) = (1.0F - share) * z.array()(0, i) + share * z.array()(1, i);
    }
    const auto originals = lamina::plot::pictures_of(ends.array());
    auto row = decoded(coder, between);
    row.insert(row.begin(), originals[0]);
    row.push_back(originals[1]);
    mosaic.row(std::move(row),
               class_name(test, positions[from]) + " - " + class_name(test, positions[to]));
  }
  return lamina::plot::encode_png(mosaic.draw());
}

Png draw_random(Coder& coder, lamina::Seed seed, int columns, const std::string& title) {
  constexpr std::size_t count = 64;
  const EvaluationMode evaluation(coder);
  return draw_grid(coder.decode(normal_latents(count, seed)), lamina::PixelRange::unit, columns,
                   title);
}

Png draw_projection(Coder& coder, const lamina::Dataset<Image>& images, const std::string& title) {
  Eigen::MatrixXd rows = encoded_rows(coder, images);
  rows.rowwise() -= rows.colwise().mean().eval();
  const Eigen::MatrixXd covariance = rows.transpose() * rows / static_cast<double>(images.size());
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);  // ascending
  const Eigen::MatrixXd plane = rows * solver.eigenvectors().rightCols<2>();
  std::vector<lamina::plot::Point> points;
  for (Eigen::Index i = 0; i < plane.rows(); ++i)
    points.push_back({plane(i, 1), plane(i, 0)});
  const double share = solver.eigenvalues().tail<2>().sum() / solver.eigenvalues().sum();
  const auto& names = lamina::datasets::fashion_mnist_classes;
  return lamina::plot::encode_png(lamina::plot::scatter_plot(
      points, images.labels, {names.begin(), names.end()},
      {.title = title + " (" + with_digits(100.0 * share, 0) + " % of the variance)",
       .x_label = "first principal component",
       .y_label = "second principal component"}));
}

}  // namespace examples
