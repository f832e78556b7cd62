// SPDX-License-Identifier: MIT
#include "common/frechet.hpp"

#include <stdexcept>

#include <Eigen/Eigenvalues>

namespace examples {

Gaussian gaussian_of(const Eigen::MatrixXd& rows) {
  if (rows.rows() < 2) throw std::invalid_argument("a covariance needs at least two samples");
  Gaussian result;
  result.mean = rows.colwise().mean();
  const Eigen::MatrixXd centred = rows.rowwise() - result.mean.transpose();
  result.covariance = centred.transpose() * centred / static_cast<double>(rows.rows() - 1);
  return result;
}

/// The trace of the root is that of the root of C1^(1/2) C2 C1^(1/2), which is symmetric.
double frechet_distance(const Gaussian& a, const Gaussian& b) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> of_a(a.covariance);
  const Eigen::VectorXd roots = of_a.eigenvalues().cwiseMax(0.0).cwiseSqrt();
  const Eigen::MatrixXd root =
      of_a.eigenvectors() * roots.asDiagonal() * of_a.eigenvectors().transpose();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> of_product(root * b.covariance * root,
                                                                  Eigen::EigenvaluesOnly);
  const double trace_of_root = of_product.eigenvalues().cwiseMax(0.0).cwiseSqrt().sum();
  return (a.mean - b.mean).squaredNorm() + a.covariance.trace() + b.covariance.trace() -
         2.0 * trace_of_root;
}

}  // namespace examples
