// SPDX-License-Identifier: MIT
#pragma once
// Elementwise operations of the CPU backend: activations, dropout, copies and reshapes.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "lamina/backend/cpu/activation.hpp"
#include "lamina/backend/cpu/vector_loop.hpp"
#include "lamina/core/random.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina::inline LAMINA_ISA {

struct CpuElementwise {
  template <class Function>
  static void activation(std::size_t count, const float* x, float* y) {
    for_all_vectors(count, [=](std::size_t i, auto at) {
      at.store(y + i, CpuActivation<Function>::value(at.load(x + i)));
    });
  }

  /// `known` is y, or x where the function's gradient is written in terms of that; dx may be dy.
  template <class Function>
  static void activation_gradient(std::size_t count, const float* known, const float* dy,
                                  float* dx) {
    for_all_vectors(count, [=](std::size_t i, auto at) {
      at.store(dx + i, CpuActivation<Function>::gradient(at.load(known + i), at.load(dy + i)));
    });
  }

  /// Value i is kept, times 1 / (1 - probability), if its own random number says so.
  static void dropout(std::size_t count, double probability, DrawKey key, const float* from,
                      float* to) {
    const Philox philox(Seed{key.seed}, Stream::dropout, key.layer);
    const auto threshold = static_cast<float>(probability);
    const auto scale = static_cast<float>(1.0 / (1.0 - probability));
    constexpr std::size_t chunk = 4096;
    for_parts((count + chunk - 1) / chunk, count, [&](std::size_t part) {
      const std::size_t end = (std::min)(count, (part + 1) * chunk);
      const auto keep = [=](std::size_t i, std::uint32_t word) {
        to[i] = uniform(word) >= threshold ? from[i] * scale : 0.0F;
      };
      std::size_t i = part * chunk;
      for (; (key.first + i) % 4 != 0 && i < end; ++i)
        keep(i, philox.word(key.pass, key.first + i));
      for (; i < end; i += 4) {
        const auto words = philox(key.pass, (key.first + i) / 4);
        for (std::size_t lane = 0; lane < (std::min<std::size_t>)(4, end - i); ++lane)
          keep(i + lane, words[lane]);
      }
    });
  }

  static void fill(std::size_t count, float value, float* to) {
    for_all_vectors(count, [=](std::size_t i, auto at) { at.store(to + i, Vec(value)); });
  }

  static void copy(std::size_t count, const float* from, float* to) {
    if (from == to) return;
    for_all_vectors(count, [=](std::size_t i, auto at) { at.store(to + i, at.load(from + i)); });
  }

  /// From memory of the host to the backend's, and back.
  static void copy_from_host(std::size_t count, const float* from, float* to) {
    copy(count, from, to);
  }
  static void copy_to_host(std::size_t count, const float* from, float* to) {
    copy(count, from, to);
  }

  static void swap(std::size_t count, float* a, float* b) {
    for_all_vectors(count, [=](std::size_t i, auto at) {
      const Vec first = at.load(a + i);
      at.store(a + i, at.load(b + i));
      at.store(b + i, first);
    });
  }

  /// y = a + b; y may be either.
  static void add(std::size_t count, const float* a, const float* b, float* y) {
    for_all_vectors(
        count, [=](std::size_t i, auto at) { at.store(y + i, at.load(a + i) + at.load(b + i)); });
  }

  /// Puts the channels of each pixel of `first` and `second` side by side.
  static void concat(std::size_t pixels, int first_channels, int second_channels,
                     const float* first, const float* second, float* to) {
    const auto a = static_cast<std::size_t>(first_channels);
    const auto b = static_cast<std::size_t>(second_channels);
    for_pixels(pixels, a + b, [=](std::size_t pixel) {
      std::copy_n(first + pixel * a, a, to + pixel * (a + b));
      std::copy_n(second + pixel * b, b, to + pixel * (a + b) + a);
    });
  }
  /// The way back; `first` or `second` may be null.
  static void split(std::size_t pixels, int first_channels, int second_channels, const float* from,
                    float* first, float* second) {
    const auto a = static_cast<std::size_t>(first_channels);
    const auto b = static_cast<std::size_t>(second_channels);
    for_pixels(pixels, a + b, [=](std::size_t pixel) {
      if (first != nullptr) std::copy_n(from + pixel * (a + b), a, first + pixel * a);
      if (second != nullptr) std::copy_n(from + pixel * (a + b) + a, b, second + pixel * b);
    });
  }

  /// Channels-last images (H * W, C) to vectors in PyTorch's order (C, H * W).
  static void image_to_vector(std::size_t images, int channels, int pixels, const float* from,
                              float* to) {
    transpose_each(images, static_cast<std::size_t>(pixels), static_cast<std::size_t>(channels),
                   from, to);
  }
  static void vector_to_image(std::size_t images, int channels, int pixels, const float* from,
                              float* to) {
    transpose_each(images, static_cast<std::size_t>(channels), static_cast<std::size_t>(pixels),
                   from, to);
  }

 private:
  /// Calls body(pixel) for each pixel, on all threads if they are worth it.
  template <class Body>
  static void for_pixels(std::size_t pixels, std::size_t channels, const Body& body) {
    const std::size_t chunk = (std::max<std::size_t>)(1, 8192 / channels);
    for_parts((pixels + chunk - 1) / chunk, pixels * channels, [&](std::size_t part) {
      const std::size_t end = (std::min)(pixels, (part + 1) * chunk);
      for (std::size_t pixel = part * chunk; pixel < end; ++pixel)
        body(pixel);
    });
  }

  static void transpose_each(std::size_t images, std::size_t rows, std::size_t columns,
                             const float* from, float* to) {
    const std::size_t size = rows * columns;
    for_parts(images, images * size, [=](std::size_t image) {
      for (std::size_t column = 0; column < columns; ++column)
        for (std::size_t row = 0; row < rows; ++row)
          to[image * size + column * rows + row] = from[image * size + row * columns + column];
    });
  }
};

}  // namespace lamina::inline LAMINA_ISA
