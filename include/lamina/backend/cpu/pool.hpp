// SPDX-License-Identifier: MIT
#pragma once
// Windows that slide over each channel by itself: pooling and upsampling. H, W are the big grid's,
// C the channels of both; images are channels-last.

#include <algorithm>
#include <cstddef>

#include "lamina/backend/cpu/vector_loop.hpp"
#include "lamina/backend/cpu/window_geometry.hpp"

namespace lamina::inline LAMINA_ISA {

struct CpuPool {
  /// small = the largest value of each window. Padding never is, NaN always.
  static void max_pool(std::size_t images, const WindowGeometry& g, const float* big,
                       float* small) {
    for_each_window_row(images, g, [&](std::size_t image, std::size_t pixel, const Taps& taps) {
      const float* const from = big + image * big_size(g);
      for_vectors(0, channels(g), [&](std::size_t at, auto access) {
        Vec best = access.load(from + taps.first() * channels(g) + at);
        taps.for_each([&](std::size_t tap) {
          const Vec value = access.load(from + tap * channels(g) + at);
          best = xsimd::select(is_better(value, best), value, best);
        });
        access.store(small + pixel * channels(g) + at, best);
      });
    });
  }

  /// dbig is overwritten: dsmall of each window at its largest value, the first of them in rows
  /// from the top left; windows that overlap add up.
  static void max_pool_gradient(std::size_t images, const WindowGeometry& g, const float* big,
                                const float* dsmall, float* dbig) {
    for_each_image(images, g, dbig, [&](std::size_t image, std::size_t pixel, const Taps& taps) {
      const float* const from = big + image * big_size(g);
      float* const to = dbig + image * big_size(g);
      for_vectors(0, channels(g), [&](std::size_t at, auto access) {
        Vec best = access.load(from + taps.first() * channels(g) + at);
        Vec chosen(0.0F);  // the number of the best tap
        float number = 0.0F;
        taps.for_each([&](std::size_t tap) {
          const Vec value = access.load(from + tap * channels(g) + at);
          const auto better = is_better(value, best);
          best = xsimd::select(better, value, best);
          chosen = xsimd::select(better, Vec(number), chosen);
          number += 1.0F;
        });
        const Vec slope = access.load(dsmall + pixel * channels(g) + at);
        number = 0.0F;
        taps.for_each([&](std::size_t tap) {
          float* const there = to + tap * channels(g) + at;
          const Vec share = xsimd::select(chosen == Vec(number), slope, Vec(0.0F));
          access.store(there, access.load(there) + share);
          number += 1.0F;
        });
      });
    });
  }

  /// small = factor * the sum of each window; padding counts as 0.
  static void window_sum(std::size_t images, const WindowGeometry& g, float factor,
                         const float* big, float* small) {
    for_each_window_row(images, g, [&](std::size_t image, std::size_t pixel, const Taps& taps) {
      const float* const from = big + image * big_size(g);
      for_vectors(0, channels(g), [&](std::size_t at, auto access) {
        Vec sum(0.0F);
        taps.for_each(
            [&](std::size_t tap) { sum = sum + access.load(from + tap * channels(g) + at); });
        access.store(small + pixel * channels(g) + at, sum * Vec(factor));
      });
    });
  }

  /// The transpose: big is overwritten by factor * the sum of small over the windows that hold it.
  static void window_spread(std::size_t images, const WindowGeometry& g, float factor,
                            const float* small, float* big) {
    for_each_image(images, g, big, [&](std::size_t image, std::size_t pixel, const Taps& taps) {
      float* const to = big + image * big_size(g);
      for_vectors(0, channels(g), [&](std::size_t at, auto access) {
        const Vec share = access.load(small + pixel * channels(g) + at) * Vec(factor);
        taps.for_each([&](std::size_t tap) {
          float* const there = to + tap * channels(g) + at;
          access.store(there, access.load(there) + share);
        });
      });
    });
  }

 private:
  // Of run-time numbers, whose own functions would be shared by all instruction sets.
  static std::size_t product(int a, int b, int c) {
    return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * static_cast<std::size_t>(c);
  }
  static std::size_t channels(const WindowGeometry& g) { return product(1, 1, g.big_channels); }
  static std::size_t big_size(const WindowGeometry& g) {
    return product(g.big_height, g.big_width, g.big_channels);
  }

  /// The pixels of the big grid under one window, as far as they are on it.
  struct Taps {
    std::size_t top, bottom, left, right;  // rows [top, bottom), columns [left, right)
    std::size_t width;                     // of the grid

    std::size_t first() const { return top * width + left; }
    template <class Body>
    void for_each(const Body& body) const {
      for (std::size_t row = top; row < bottom; ++row)
        for (std::size_t column = left; column < right; ++column)
          body(row * width + column);
    }
  };

  static Taps taps_of(const WindowGeometry& g, int row, int column) {
    const int top = row * g.stride - g.padding;
    const int left = column * g.stride - g.padding;
    const auto within = [](int at, int size) {
      return static_cast<std::size_t>((std::clamp)(at, 0, size));
    };
    return {within(top, g.big_height), within(top + g.kernel, g.big_height),
            within(left, g.big_width), within(left + g.kernel, g.big_width),
            static_cast<std::size_t>(g.big_width)};
  }

  /// Whether a value takes the place of the best so far, in each lane.
  static Vec::batch_bool_type is_better(const Vec& value, const Vec& best) {
    return (value > best) || xsimd::isnan(value);
  }

  static std::size_t work(std::size_t images, const WindowGeometry& g) {
    return images * product(g.small_height, g.small_width, g.small_channels) *
           product(1, g.kernel, g.kernel);
  }

  /// Calls body(image, small pixel in the batch, taps) for the windows of one row of small pixels.
  template <class Body>
  static void visit_row(const WindowGeometry& g, std::size_t image, int row, const Body& body) {
    const auto width = static_cast<std::size_t>(g.small_width);
    const std::size_t rows = image * static_cast<std::size_t>(g.small_height);
    std::size_t pixel = (rows + static_cast<std::size_t>(row)) * width;
    for (int column = 0; column < g.small_width; ++column)
      body(image, pixel++, taps_of(g, row, column));
  }

  /// Visits all windows; threads share the rows of small pixels.
  template <class Body>
  static void for_each_window_row(std::size_t images, const WindowGeometry& g, const Body& body) {
    const auto height = static_cast<std::size_t>(g.small_height);
    for_parts(images * height, work(images, g), [&](std::size_t row) {
      visit_row(g, row / height, static_cast<int>(row % height), body);
    });
  }

  /// Visits all windows in order, image by image, whose `big` is zero before; threads share images.
  template <class Body>
  static void for_each_image(std::size_t images, const WindowGeometry& g, float* big,
                             const Body& body) {
    for_parts(images, work(images, g), [&](std::size_t image) {
      std::fill_n(big + image * big_size(g), big_size(g), 0.0F);
      for (int row = 0; row < g.small_height; ++row)
        visit_row(g, image, row, body);
    });
  }
};

}  // namespace lamina::inline LAMINA_ISA
