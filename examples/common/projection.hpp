// SPDX-License-Identifier: MIT
#pragma once
// Latent vectors of a data set in the plane: their two largest principal components.

#include <cstddef>
#include <vector>

#include <Eigen/Eigenvalues>

#include "lamina/plot/scatter.hpp"

#include "common/latent_gallery.hpp"

namespace examples {

/// One row for each image, in the order of the data set.
template <Coder C>
Eigen::MatrixXd encoded_rows(C& coder, const lamina::Dataset<Image>& images) {
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

/// The images' latent vectors as points coloured by class. The title says how much of the variance
/// both components hold.
template <Coder C>
lamina::plot::Picture draw_projection(C& coder, const lamina::Dataset<Image>& images,
                                      const std::string& title) {
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
  return lamina::plot::scatter_plot(
      points, images.labels, {names.begin(), names.end()},
      {.title = title + " (" + with_digits(100.0 * share, 0) + " % of the variance)",
       .x_label = "first principal component",
       .y_label = "second principal component"});
}

}  // namespace examples
