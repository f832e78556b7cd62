// SPDX-License-Identifier: MIT
// The Frechet distance against NumPy (tests/fixtures/frechet_case.py), which takes the root of the
// product of both covariances as it stands.

#include "common/frechet.hpp"

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/compare.hpp"
#include "support/error_text.hpp"
#include "support/fixture.hpp"

namespace frechet_test {

using examples::frechet_distance;
using examples::Gaussian;
using examples::gaussian_of;

const support::Fixture& fixture() {
  static const support::Fixture file("frechet.safetensors");
  return file;
}

Eigen::MatrixXd rows(const std::string& key) {
  const auto shape = fixture().shape(key);
  const auto values = fixture().values(key);
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const RowMajor>(values.data(), static_cast<Eigen::Index>(shape.at(0)),
                                    static_cast<Eigen::Index>(shape.at(1)));
}

std::vector<double> flat(const Eigen::MatrixXd& matrix) {
  return {matrix.data(), matrix.data() + matrix.size()};
}

double distance(const std::string& name) {
  return frechet_distance(gaussian_of(rows(name + ".a")), gaussian_of(rows(name + ".b")));
}

// Sums of a few hundred products in double precision, in another order than NumPy's.
constexpr double tolerance = 1e-12;

TEST(Frechet, MeanAndCovarianceMatchNumpy) {
  for (const std::string key : {"frechet.a", "frechet.b", "singular.a", "singular.b"}) {
    const Gaussian gaussian = gaussian_of(rows(key));
    EXPECT_TRUE(support::near_relative(key + ".mean", flat(gaussian.mean),
                                       fixture().values(key + ".mean"), tolerance));
    EXPECT_TRUE(support::near_relative(key + ".covariance", flat(gaussian.covariance),
                                       fixture().values(key + ".covariance"), tolerance));
  }
}

TEST(Frechet, DistanceMatchesNumpy) {
  const double expected = fixture().value("frechet.distance");
  EXPECT_NEAR(distance("frechet"), expected, 1e-10 * expected);
}

TEST(Frechet, DistanceMatchesNumpyWithSingularCovariances) {
  // Eigenvalues that are zero come out as 1e-14, whose root is 1e-7.
  const double expected = fixture().value("singular.distance");
  EXPECT_NEAR(distance("singular"), expected, 1e-7 * expected);
}

TEST(Frechet, IsSymmetricAndZeroToItself) {
  const Gaussian a = gaussian_of(rows("frechet.a")), b = gaussian_of(rows("frechet.b"));
  EXPECT_NEAR(frechet_distance(a, b), frechet_distance(b, a), 1e-10 * frechet_distance(a, b));
  EXPECT_NEAR(frechet_distance(a, a), 0.0, 1e-10 * a.covariance.trace());
}

TEST(Frechet, ACovarianceNeedsTwoRows) {
  EXPECT_TRUE(support::says(
      support::error_text<std::invalid_argument>([] { gaussian_of(Eigen::MatrixXd::Ones(1, 3)); }),
      "two samples"));
}

}  // namespace frechet_test
