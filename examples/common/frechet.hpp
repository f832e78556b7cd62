// SPDX-License-Identifier: MIT
#pragma once
// The Frechet distance between two normal distributions.

#include <Eigen/Core>

namespace examples {

/// Mean and covariance of rows of features.
struct Gaussian {
  Eigen::VectorXd mean;
  Eigen::MatrixXd covariance;
};

/// The sample's mean and unbiased covariance; one row is one sample.
/// errors run: fewer than two rows
Gaussian gaussian_of(const Eigen::MatrixXd& rows);

/// |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)).
/// ref    Heusel et al. 2017, arXiv:1706.08500
double frechet_distance(const Gaussian& a, const Gaussian& b);

}  // namespace examples
