// SPDX-License-Identifier: MIT
#pragma once
// One vector for each image, added to all of its pixels, and the gradient of that. Images are rows
// of C channels, one for each pixel.

#include <algorithm>
#include <cstddef>

#include "lamina/backend/cpu/vector_loop.hpp"

namespace lamina::inline LAMINA_ISA {

struct CpuBroadcast {
  /// y[image][pixel] = x[image][pixel] + vectors[image]; y may be x.
  static void add_to_pixels(std::size_t images, std::size_t pixels, std::size_t channels,
                            const float* x, const float* vectors, float* y) {
    for_parts(images, images * pixels * channels, [=](std::size_t image) {
      const float* const added = vectors + image * channels;
      for (std::size_t row = image * pixels; row < (image + 1) * pixels; ++row)
        for_vectors(0, channels, [=](std::size_t at, auto access) {
          const std::size_t i = row * channels + at;
          access.store(y + i, access.load(x + i) + access.load(added + at));
        });
    });
  }

  /// sums[image] = the sum of dy[image][pixel] over the pixels.
  static void sum_pixels(std::size_t images, std::size_t pixels, std::size_t channels,
                         const float* dy, float* sums) {
    constexpr std::size_t run = 64;  // sums of sums keep more digits
    for_parts(images, images * pixels * channels, [=](std::size_t image) {
      const float* const from = dy + image * pixels * channels;
      for_vectors(0, channels, [=](std::size_t at, auto access) {
        Vec total(0.0F);
        for (std::size_t first = 0; first < pixels; first += run) {
          Vec sum(0.0F);
          for (std::size_t pixel = first; pixel < (std::min)(pixels, first + run); ++pixel)
            sum = sum + access.load(from + pixel * channels + at);
          total = total + sum;
        }
        access.store(sums + image * channels + at, total);
      });
    });
  }
};

}  // namespace lamina::inline LAMINA_ISA
