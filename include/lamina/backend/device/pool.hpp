// SPDX-License-Identifier: MIT
#pragma once
// Pooling and upsampling on a device. What is spread over the big grid is gathered there from the windows
// that hold a pixel, in the order of the windows: nothing is added by two threads.

#include <cmath>
#include <cstddef>

#include "lamina/backend/cpu/window_geometry.hpp"
#include "lamina/backend/device/index.hpp"
#include "lamina/core/host_device.hpp"

namespace lamina::inline LAMINA_ISA {

namespace device_kernels {

/// Numbers `begin` up to `end`.
struct Range {
  int begin;
  int end;
};

/// Along one axis: the big pixels under window number `at`, as far as they are on the grid.
LAMINA_HOST_DEVICE inline Range under_window(int at, int kernel, int stride, int padding,
                                             int size) {
  const int first = at * stride - padding;
  return {first < 0 ? 0 : first, first + kernel < size ? first + kernel : size};
}

/// Along one axis: the windows over big pixel number `at`.
LAMINA_HOST_DEVICE inline Range windows_over(int at, int kernel, int stride, int padding,
                                             int count) {
  const int from =
      at + padding - kernel;  // first is the window behind the last that ends before `at`
  const int first = from < 0 ? 0 : from / stride + 1;
  const int last = (at + padding) / stride + 1;
  return {first, last < count ? last : count};
}

/// One value of a grid of images: where it is.
struct Place {
  int row, column;
  Index channel, image;
};

LAMINA_HOST_DEVICE inline Place place_of(Index i, int height, int width, int channels) {
  const auto c = static_cast<Index>(channels);
  const auto w = static_cast<Index>(width), h = static_cast<Index>(height);
  const Index pixel = i / c;
  return {static_cast<int>(pixel / w % h), static_cast<int>(pixel % w), i % c, pixel / (w * h)};
}

LAMINA_HOST_DEVICE inline Index index_of(const Place& at, int height, int width, int channels) {
  const Index row = at.image * static_cast<Index>(height) + static_cast<Index>(at.row);
  return (row * static_cast<Index>(width) + static_cast<Index>(at.column)) *
             static_cast<Index>(channels) +
         at.channel;
}

/// The largest value of a window and where it is. Padding never is, NaN always.
struct Largest {
  float value;
  Index at;
};

LAMINA_HOST_DEVICE inline Largest largest_in_window(const WindowGeometry& g, const float* big,
                                                    const Place& small) {
  const Range rows = under_window(small.row, g.kernel, g.stride, g.padding, g.big_height);
  const Range columns = under_window(small.column, g.kernel, g.stride, g.padding, g.big_width);
  const auto at = [&](int row, int column) {
    return index_of({row, column, small.channel, small.image}, g.big_height, g.big_width,
                    g.big_channels);
  };
  const Index first = at(rows.begin, columns.begin);
  Largest best{big[first], first};
  for (int row = rows.begin; row < rows.end; ++row)
    for (int column = columns.begin; column < columns.end; ++column) {
      const Index here = at(row, column);
      if (big[here] > best.value || std::isnan(big[here])) best = {big[here], here};
    }
  return best;
}

/// Visits the windows over a big pixel in order: visit(small pixel's place).
template <class Visit>
LAMINA_HOST_DEVICE void for_windows_over(const WindowGeometry& g, const Place& big,
                                         const Visit& visit) {
  const Range rows = windows_over(big.row, g.kernel, g.stride, g.padding, g.small_height);
  const Range columns = windows_over(big.column, g.kernel, g.stride, g.padding, g.small_width);
  for (int row = rows.begin; row < rows.end; ++row)
    for (int column = columns.begin; column < columns.end; ++column)
      visit(Place{row, column, big.channel, big.image});
}

}  // namespace device_kernels

template <class Device>
struct DevicePool {
  using Index = device_kernels::Index;

  // Each kernel has a `g` of its own, as G is an object of the host.

  template <WindowGeometry G>
  static void max_pool(std::size_t images, StaticWindow<G>, const float* big, float* small) {
    Device::launch(images * static_cast<std::size_t>(G.small_size()), [=] LAMINA_KERNEL(Index i) {
      constexpr WindowGeometry g = G;
      const auto at = device_kernels::place_of(i, g.small_height, g.small_width, g.small_channels);
      small[i] = device_kernels::largest_in_window(g, big, at).value;
    });
  }

  template <WindowGeometry G>
  static void max_pool_gradient(std::size_t images, StaticWindow<G>, const float* big,
                                const float* dsmall, float* dbig) {
    Device::launch(images * static_cast<std::size_t>(G.big_size()), [=] LAMINA_KERNEL(Index i) {
      constexpr WindowGeometry g = G;
      const auto at = device_kernels::place_of(i, g.big_height, g.big_width, g.big_channels);
      float sum = 0.0F;
      device_kernels::for_windows_over(g, at, [&](const device_kernels::Place& window) {
        if (device_kernels::largest_in_window(g, big, window).at == i)
          sum += dsmall[device_kernels::index_of(window, g.small_height, g.small_width,
                                                 g.small_channels)];
      });
      dbig[i] = sum;
    });
  }

  template <WindowGeometry G>
  static void window_sum(std::size_t images, StaticWindow<G>, float factor, const float* big,
                         float* small) {
    Device::launch(images * static_cast<std::size_t>(G.small_size()), [=] LAMINA_KERNEL(Index i) {
      constexpr WindowGeometry g = G;
      const auto at = device_kernels::place_of(i, g.small_height, g.small_width, g.small_channels);
      const auto rows =
          device_kernels::under_window(at.row, g.kernel, g.stride, g.padding, g.big_height);
      const auto columns =
          device_kernels::under_window(at.column, g.kernel, g.stride, g.padding, g.big_width);
      float sum = 0.0F;
      for (int row = rows.begin; row < rows.end; ++row)
        for (int column = columns.begin; column < columns.end; ++column)
          sum += big[device_kernels::index_of({row, column, at.channel, at.image}, g.big_height,
                                              g.big_width, g.big_channels)];
      small[i] = sum * factor;
    });
  }

  template <WindowGeometry G>
  static void window_spread(std::size_t images, StaticWindow<G>, float factor, const float* small,
                            float* big) {
    Device::launch(images * static_cast<std::size_t>(G.big_size()), [=] LAMINA_KERNEL(Index i) {
      constexpr WindowGeometry g = G;
      const auto at = device_kernels::place_of(i, g.big_height, g.big_width, g.big_channels);
      float sum = 0.0F;
      device_kernels::for_windows_over(g, at, [&](const device_kernels::Place& window) {
        sum += factor * small[device_kernels::index_of(window, g.small_height, g.small_width,
                                                       g.small_channels)];
      });
      big[i] = sum;
    });
  }
};

}  // namespace lamina::inline LAMINA_ISA
