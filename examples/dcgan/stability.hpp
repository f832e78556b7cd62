// SPDX-License-Identifier: MIT
#pragma once
// Whether a GAN's training was stable, in words and figures.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "lamina/core/tensor.hpp"
#include "lamina/train/metrics.hpp"

#include "common/numbers.hpp"

namespace examples {

/// The mean squared difference between two images of a batch, over all pairs.
template <class Image>
double diversity(const lamina::TensorRef<Image>& images) {
  // The mean over pairs of |a - b|^2 is twice the unbiased variance around the mean image.
  const std::size_t count = images.size();
  double sum = 0.0;
  for (std::size_t i = 0; i < Image::size; ++i) {
    double total = 0.0;
    double squares = 0.0;
    for (std::size_t n = 0; n < count; ++n) {
      const auto value = static_cast<double>(images.span()[n * Image::size + i]);
      total += value;
      squares += value * value;
    }
    const auto n = static_cast<double>(count);
    sum += 2.0 * (squares - total * total / n) / (n - 1.0);
  }
  return sum / Image::size;
}

struct MeanAndSpread {
  double mean = 0.0;
  double spread = 0.0;  ///< standard deviation
};

inline MeanAndSpread mean_and_spread(const std::vector<double>& values) {
  MeanAndSpread result;
  const auto count = static_cast<double>(values.size());
  for (const double value : values)
    result.mean += value / count;
  for (const double value : values)
    result.spread += (value - result.mean) * (value - result.mean) / count;
  result.spread = std::sqrt(result.spread);
  return result;
}

/// What became of a run, from its last quarter.
struct Stability {
  bool stable = true;
  std::string verdict;  ///< "stable", "collapsed", ...
  std::string reason;   ///< a sentence with the figures
};

/// Bounds between what is called stable and what is not: where runs that look sound and runs that do
/// not lie apart.
inline constexpr double least_diversity = 0.35;   ///< of the generated images, beside real ones
inline constexpr double largest_accuracy = 0.97;  ///< of the discriminator
inline constexpr double largest_spread = 0.75;    ///< of its loss, beside the loss's mean

/// `steps` is steps.csv; `relative_diversity` is that of the last mosaic beside that of real images.
inline Stability judge_stability(const lamina::train::MetricsTable& steps,
                                 double relative_diversity, bool diverged) {
  if (diverged) return {false, "diverged", "A loss was no longer a number, and the run stopped."};
  if (steps.rows.empty()) return {false, "unknown", "The run was too short to tell."};
  const auto last_quarter = [&](const char* column) {
    const auto all = steps.column(column);
    const std::size_t count = (std::max<std::size_t>)(1, all.size() / 4);
    return mean_and_spread({all.end() - static_cast<std::ptrdiff_t>(count), all.end()});
  };
  const auto d_loss = last_quarter("d_loss");
  const auto g_loss = last_quarter("g_loss");
  const auto accuracy = last_quarter("d_accuracy");
  const std::string figures =
      "In the last quarter of the run D's loss was " + with_digits(d_loss.mean, 3) +
      " with a spread "
      "of " +
      with_digits(d_loss.spread, 3) + ", G's " + with_digits(g_loss.mean, 3) + " with " +
      with_digits(g_loss.spread, 3) + "; D told " + with_digits(100.0 * accuracy.mean, 1) +
      " % of the images apart; the generated images differ from each other " +
      with_digits(100.0 * relative_diversity, 0) + " % as much as real ones.";
  if (relative_diversity < least_diversity)
    return {false, "collapsed", "The generator makes few different images. " + figures};
  if (accuracy.mean > largest_accuracy)
    return {
        false, "discriminator wins",
        "The discriminator knows nearly every image, and the generator learns little from it. " +
            figures};
  if (d_loss.spread > largest_spread * std::abs(d_loss.mean))
    return {false, "oscillating", "The losses swing. " + figures};
  return {true, "stable", figures};
}

}  // namespace examples
