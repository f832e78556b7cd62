// SPDX-License-Identifier: MIT
#pragma once
// The cross entropy of logits and labels on the CPU: N images, K classes, logits (N, K). Everything
// is computed from the differences to an image's largest logit, so that nothing overflows.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "lamina/backend/cpu/vector_loop.hpp"

namespace lamina::inline LAMINA_ISA {

struct CpuCrossEntropy {
  /// The sum over images of log(sum over k of exp(x_k)) - x_label, in nats.
  static double cross_entropy_sum(std::size_t images, std::size_t classes, const float* logits,
                                  const std::uint8_t* labels) {
    return sum_of_parts(work(images, classes), [=](std::size_t part) {
      double sum = 0.0;
      const std::size_t end = images * (part + 1) / sum_parts;
      for (std::size_t i = images * part / sum_parts; i < end; ++i) {
        const float* const x = logits + i * classes;
        const Exponentials e = exponentials(classes, x);
        sum +=
            std::log(e.sum) - (static_cast<double>(x[labels[i]]) - static_cast<double>(e.largest));
      }
      return sum;
    });
  }

  /// gradient = scale * (softmax(x) - 1 at the label).
  static void cross_entropy_gradient(std::size_t images, std::size_t classes, const float* logits,
                                     const std::uint8_t* labels, float scale, float* gradient) {
    for_parts(images, work(images, classes), [=](std::size_t image) {
      const float* const x = logits + image * classes;
      float* const to = gradient + image * classes;
      const Exponentials e = exponentials(classes, x);
      const auto factor = static_cast<float>(static_cast<double>(scale) / e.sum);
      for_vectors(0, classes, [&](std::size_t k, auto at) {
        at.store(to + k, xsimd::exp(at.load(x + k) - Vec(e.largest)) * Vec(factor));
      });
      to[labels[image]] -= scale;
    });
  }

  /// How many images have their largest logit at the label, and no equal one in front of it. One
  /// with a logit that is not a number is none of them.
  static double count_right(std::size_t images, std::size_t classes, const float* logits,
                            const std::uint8_t* labels) {
    double count = 0.0;
    for (std::size_t i = 0; i < images; ++i) {
      const float* const x = logits + i * classes;
      const float* const chosen = x + labels[i];
      const bool first =
          std::all_of(x, chosen, [&](float other) { return other < *chosen; }) &&
          std::all_of(chosen, x + classes, [&](float other) { return other <= *chosen; });
      if (first) count += 1.0;
    }
    return count;
  }

 private:
  /// Of one image: its largest logit, and the sum of exp(x_k - largest).
  struct Exponentials {
    float largest;
    double sum;
  };

  static Exponentials exponentials(std::size_t classes, const float* x) {
    const float largest = *std::max_element(x, x + classes);
    Vec sum(0.0F);
    for_vectors(0, classes, [&](std::size_t k, auto at) {
      sum = sum + at.kept(xsimd::exp(at.load(x + k) - Vec(largest)));
    });
    alignas(64) std::array<float, static_cast<std::size_t>(lanes)> values;
    store(values.data(), sum);
    double total = 0.0;
    for (const float value : values)
      total += static_cast<double>(value);
    return {largest, total};
  }

  /// An exponential is worth some ten values of other loops.
  static std::size_t work(std::size_t images, std::size_t classes) { return 10 * images * classes; }
};

}  // namespace lamina::inline LAMINA_ISA
