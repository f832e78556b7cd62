// SPDX-License-Identifier: MIT
#include "common/score.hpp"

#include <algorithm>

#include "lamina/data/batches.hpp"

#include "common/classifier.hpp"
#include "common/frechet.hpp"
#include "common/images.hpp"
#include "common/standardiser.hpp"

namespace examples {
namespace {

constexpr std::size_t batch_size = 125;
constexpr Eigen::Index feature_count = 128;

}  // namespace

/// The classifier, and what its features of the test images are like.
class Score::Features {
 public:
  explicit Features(const lamina::Dataset<Image>& test) : count_{(std::min)(images, test.size())} {
    lamina::load(classifier_, shipped_classifier());
    classifier_.eval();
    Eigen::MatrixXd rows(static_cast<Eigen::Index>(test.size()), feature_count);
    Eigen::Index row = 0;
    for (const auto& batch : lamina::batches(test, batch_size, lamina::InOrder{}))
      add(batch.images, rows, row);
    test_ = gaussian_of(rows.topRows(static_cast<Eigen::Index>(count_)));
  }

  std::size_t count() const { return count_; }

  double distance(const Generate& generate) {
    Eigen::MatrixXd rows(static_cast<Eigen::Index>(count_), feature_count);
    Eigen::Index row = 0;
    for (std::size_t first = 0; first < count_; first += batch_size)
      add(generate(first, (std::min)(batch_size, count_ - first)), rows, row);
    return frechet_distance(gaussian_of(rows), test_);
  }

 private:
  void add(const lamina::TensorRef<Image>& batch, Eigen::MatrixXd& rows, Eigen::Index& row) {
    const auto found = classifier_.forward_part<0>(standardise_(batch));
    const auto values = found.array();
    for (std::size_t n = 0; n < found.size(); ++n, ++row)
      for (Eigen::Index i = 0; i < feature_count; ++i)
        rows(row, i) = static_cast<double>(values(n, static_cast<std::size_t>(i)));
  }

  ClassifierModel classifier_;
  Standardiser<lamina::Cpu> standardise_;
  std::size_t count_;
  Gaussian test_;
};

Score::Score(const lamina::Dataset<Image>& test) : features_{std::make_unique<Features>(test)} {}
Score::~Score() = default;

std::size_t Score::count() const {
  return features_->count();
}

double Score::of(const Generate& generate) {
  return features_->distance(generate);
}

double Score::of_prior(Coder& coder, lamina::Seed seed) {
  const EvaluationMode evaluation(coder);
  return of([&](std::size_t first, std::size_t count) {
    return coder.decode(normal_latents(count, seed, first + 1));
  });
}

}  // namespace examples
