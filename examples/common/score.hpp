// SPDX-License-Identifier: MIT
#pragma once
// A score for generated images: the Frechet distance between what the classifier's last hidden layer
// says of them and of test images. 0 is perfect; it is relative to this classifier and not comparable
// with distances of other networks.

#include <cstddef>
#include <functional>
#include <memory>

#include "lamina/core/random.hpp"
#include "lamina/data/dataset.hpp"

#include "common/coder.hpp"

namespace examples {

class Score {
 public:
  static constexpr std::size_t images = 10'000;  ///< compared on each side, as far as there are any

  /// Returns images number `first` up to `first + count`, pixels in [0, 1].
  using Generate = std::function<lamina::TensorRef<Image>(std::size_t first, std::size_t count)>;

  /// errors run: no classifier's weights beside the examples
  explicit Score(const lamina::Dataset<Image>& test);
  ~Score();

  /// How many images a score is made from.
  std::size_t count() const;

  /// The score of as many images.
  double of(const Generate& generate);

  /// The score of images decoded from latent vectors of a standard normal distribution.
  double of_prior(Coder& coder, lamina::Seed seed);

 private:
  class Features;
  std::unique_ptr<Features> features_;
};

}  // namespace examples
