// SPDX-License-Identifier: MIT
#pragma once
// Convolutions without a library: a thread for each result, which sums in double precision in a fixed order.
// Where the library has no algorithm whose repetitions agree, and what tests compare it with.

#include <cstddef>

#include "lamina/backend/device/index.hpp"
#include "lamina/backend/device/pool.hpp"
#include "lamina/backend/device/products.hpp"
#include "lamina/core/bfloat16.hpp"
#include "lamina/core/host_device.hpp"

namespace lamina::inline LAMINA_ISA {

namespace device_kernels {

// Values of either type.
LAMINA_HOST_DEVICE constexpr double number(float value) {
  return static_cast<double>(value);
}
LAMINA_HOST_DEVICE constexpr double number(BFloat16 value) {
  return static_cast<double>(to_float(value));
}
LAMINA_HOST_DEVICE constexpr void put(double value, float& to) {
  to = static_cast<float>(value);
}
LAMINA_HOST_DEVICE constexpr void put(double value, BFloat16& to) {
  to = to_bfloat16(static_cast<float>(value));
}
LAMINA_HOST_DEVICE constexpr void put_gradient(double value, float& to) {
  to += static_cast<float>(value);
}
LAMINA_HOST_DEVICE constexpr void put_gradient(double value, BFloat16& to) {
  put(value, to);
}

}  // namespace device_kernels

template <class Device>
struct PlainConvolution {
  using Index = device_kernels::Index;

  /// y = x * filter.
  template <class Value>
  static void forward(const Convolution& convolution, const Value* x, const Value* filter,
                      Value* y) {
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
          const Value* const pixel =
              x + device_kernels::index_of({row, column, 0, at.image}, g.big_height, g.big_width,
                                           g.big_channels);
          const auto tap = static_cast<Index>(ky * g.kernel + kx);
          const Value* const weights = filter + (at.channel * taps + tap) * channels;
          for (Index c = 0; c < channels; ++c)
            sum += device_kernels::number(pixel[c]) * device_kernels::number(weights[c]);
        }
      device_kernels::put(sum, y[i]);
    });
  }

  /// x = the transpose of that, of y.
  template <class Value>
  static void data(const Convolution& convolution, const Value* filter, const Value* y, Value* x) {
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
        const Value* const pixel =
            y + device_kernels::index_of({window.row, window.column, 0, at.image}, g.small_height,
                                         g.small_width, g.small_channels);
        for (Index k = 0; k < outputs; ++k)
          sum += device_kernels::number(pixel[k]) *
                 device_kernels::number(filter[(k * taps + tap) * channels + at.channel]);
      });
      device_kernels::put(sum, x[i]);
    });
  }

  /// gradient += d loss / d filter, from x and d loss / d y; a gradient of bfloat16 is overwritten.
  template <class Value>
  static void filter(const Convolution& convolution, const Value* x, const Value* dy,
                     Value* gradient) {
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
            const Value value = x[device_kernels::index_of(
                {big_row, big_column, channel, image}, g.big_height, g.big_width, g.big_channels)];
            const Value slope = dy[device_kernels::index_of({row, column, k, image}, g.small_height,
                                                            g.small_width, g.small_channels)];
            sum += device_kernels::number(value) * device_kernels::number(slope);
          }
      device_kernels::put_gradient(sum, gradient[i]);
    });
  }
};

}  // namespace lamina::inline LAMINA_ISA
