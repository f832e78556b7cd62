// SPDX-License-Identifier: MIT
#pragma once
// A score for generated images: the Frechet distance between what the classifier's last hidden layer
// says of them and of test images. 0 is perfect; it is relative to this classifier and not comparable
// with distances of other networks.

#include <algorithm>
#include <cstddef>

#include "lamina/data/batches.hpp"

#include "common/classifier.hpp"
#include "common/frechet.hpp"

namespace examples {

class Score {
 public:
  static constexpr std::size_t images = 10'000;  ///< compared on each side, as far as there are any

  /// errors run: no classifier's weights beside the examples
  explicit Score(const lamina::Dataset<Classifier::Image>& test) {
    lamina::load(classifier_, shipped_classifier());
    classifier_.eval();
    count_ = (std::min)(images, test.size());
    Eigen::MatrixXd rows(static_cast<Eigen::Index>(test.size()), features);
    Eigen::Index row = 0;
    for (const auto& batch : lamina::batches(test, batch_size, lamina::InOrder{}))
      add_features(batch.images, rows, row);
    test_ = gaussian_of(rows.topRows(static_cast<Eigen::Index>(count_)));
  }

  /// How many images a score is made from.
  std::size_t count() const { return count_; }

  /// The score of what `generate(first, n)` returns: images number `first` up to `first + n`, pixels in
  /// [0, 1].
  template <class Generate>
  double of(Generate&& generate) {
    Eigen::MatrixXd rows(static_cast<Eigen::Index>(count_), features);
    Eigen::Index row = 0;
    for (std::size_t first = 0; first < count_; first += batch_size)
      add_features(generate(first, (std::min)(batch_size, count_ - first)), rows, row);
    return frechet_distance(gaussian_of(rows), test_);
  }

 private:
  static constexpr std::size_t batch_size = 125;
  static constexpr Eigen::Index features = 128;

  void add_features(const lamina::TensorRef<Classifier::Image>& batch, Eigen::MatrixXd& rows,
                    Eigen::Index& row) {
    const auto found = classifier_.forward_part<0>(standardise_(batch));
    const auto values = found.array();
    for (std::size_t n = 0; n < found.size(); ++n, ++row)
      for (Eigen::Index i = 0; i < features; ++i)
        rows(row, i) = static_cast<double>(values(n, static_cast<std::size_t>(i)));
  }

  ClassifierModel classifier_;
  Standardiser standardise_;
  std::size_t count_ = 0;
  Gaussian test_;
};

}  // namespace examples
