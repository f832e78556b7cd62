// SPDX-License-Identifier: MIT
#pragma once
// Convolutions without a library: a thread for each result, which sums in double precision in a fixed order.
// Where the library has no algorithm whose repetitions agree, and what tests compare it with.

#include <cstddef>

#include "lamina/backend/device/index.hpp"
#include "lamina/backend/device/pool.hpp"
#include "lamina/backend/device/products.hpp"
#include "lamina/core/host_device.hpp"

namespace lamina::inline LAMINA_ISA {

template <class Device>
struct PlainConvolution {
  using Index = device_kernels::Index;

  /// y = x * filter.
  static void forward(const Convolution& convolution, const float* x, const float* filter,
                      float* y) {
    const WindowGeometry g = convolution.window;
    Device::launch(convolution.y_size(), [=] LAMINA_KERNEL(Index i) {
      const auto at = device_kernels::place_of(i, g.small_height, g.small_width, g.small_channels);
      const auto channels = static_cast<Index>(g.big_channels);
      const auto taps = static_cast<Index>(g.kernel * g.kernel);
      double sum = 0.0;
      for (int ky = 0; ky < g.kernel; ++ky)
        for (int kx = 0; kx < g.kernel; ++kx) {
          const int row = at.row * g.stride + ky - g.padding;
          const int column = at.column * g.stride + kx - g.padding;
          if (row < 0 || column < 0 || row >= g.big_height || column >= g.big_width) continue;
          const float* const pixel =
              x + device_kernels::index_of({row, column, 0, at.image}, g.big_height, g.big_width,
                                           g.big_channels);
          const auto tap = static_cast<Index>(ky * g.kernel + kx);
          const float* const weights = filter + (at.channel * taps + tap) * channels;
          for (Index c = 0; c < channels; ++c)
            sum += static_cast<double>(pixel[c]) * static_cast<double>(weights[c]);
        }
      y[i] = static_cast<float>(sum);
    });
  }

  /// x = the transpose of that, of y.
  static void data(const Convolution& convolution, const float* filter, const float* y, float* x) {
    const WindowGeometry g = convolution.window;
    Device::launch(convolution.x_size(), [=] LAMINA_KERNEL(Index i) {
      const auto at = device_kernels::place_of(i, g.big_height, g.big_width, g.big_channels);
      const auto channels = static_cast<Index>(g.big_channels);
      const auto outputs = static_cast<Index>(g.small_channels);
      const auto taps = static_cast<Index>(g.kernel * g.kernel);
      double sum = 0.0;
      device_kernels::for_windows_over(g, at, [&](const device_kernels::Place& window) {
        const int ky = at.row + g.padding - window.row * g.stride;
        const int kx = at.column + g.padding - window.column * g.stride;
        const auto tap = static_cast<Index>(ky * g.kernel + kx);
        const float* const pixel =
            y + device_kernels::index_of({window.row, window.column, 0, at.image}, g.small_height,
                                         g.small_width, g.small_channels);
        for (Index k = 0; k < outputs; ++k)
          sum += static_cast<double>(pixel[k]) *
                 static_cast<double>(filter[(k * taps + tap) * channels + at.channel]);
      });
      x[i] = static_cast<float>(sum);
    });
  }

  /// gradient += d loss / d filter, from x and d loss / d y.
  static void filter(const Convolution& convolution, const float* x, const float* dy,
                     float* gradient) {
    const WindowGeometry g = convolution.window;
    const Index images = device_kernels::index(convolution.images);
    Device::launch(convolution.filter_size(), [=] LAMINA_KERNEL(Index i) {
      const auto channels = static_cast<Index>(g.big_channels);
      const auto taps = static_cast<Index>(g.kernel * g.kernel);
      const Index channel = i % channels, k = i / (taps * channels);
      const auto tap = static_cast<int>(i / channels % taps);
      double sum = 0.0;
      for (Index image = 0; image < images; ++image)
        for (int row = 0; row < g.small_height; ++row)
          for (int column = 0; column < g.small_width; ++column) {
            const int big_row = row * g.stride + tap / g.kernel - g.padding;
            const int big_column = column * g.stride + tap % g.kernel - g.padding;
            if (big_row < 0 || big_column < 0 || big_row >= g.big_height ||
                big_column >= g.big_width)
              continue;
            const float value = x[device_kernels::index_of(
                {big_row, big_column, channel, image}, g.big_height, g.big_width, g.big_channels)];
            const float slope = dy[device_kernels::index_of({row, column, k, image}, g.small_height,
                                                            g.small_width, g.small_channels)];
            sum += static_cast<double>(value) * static_cast<double>(slope);
          }
      gradient[i] += static_cast<float>(sum);
    });
  }
};

}  // namespace lamina::inline LAMINA_ISA
