// SPDX-License-Identifier: MIT
#pragma once
// Convolutions, transposed convolutions and linear layers on a device. A window that is the whole big grid
// makes a matrix product, all others are convolutions of the device's library. Weights lie as both read
// them, (small channels, taps, big channels), for either direction.

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <vector>

#include "lamina/backend/cpu/window_geometry.hpp"
#include "lamina/backend/device/elementwise.hpp"
#include "lamina/backend/device/index.hpp"
#include "lamina/backend/device/products.hpp"
#include "lamina/backend/device/sums.hpp"
#include "lamina/core/host_device.hpp"
#include "lamina/core/static_value.hpp"
#include "lamina/layers/layer.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina {

/// Where weight (small channel, tap, big channel) lies.
struct FilterLayout {
  std::size_t small_channels, taps, big_channels;

  constexpr std::size_t size() const { return small_channels * taps * big_channels; }
  constexpr std::size_t offset(std::size_t small, std::size_t tap, std::size_t big) const {
    return (small * taps + tap) * big_channels + big;
  }
  /// PyTorch's weights are (small, big, k, k) for all layers: Linear's and Conv2d's outputs and
  /// ConvTranspose2d's inputs are the small grid's channels.
  static constexpr FilterLayout of(const ParameterInfo& info) {
    std::size_t taps = 1;
    for (int i = 2; i < info.shape.rank; ++i)
      taps *= static_cast<std::size_t>(info.shape[i]);
    return {static_cast<std::size_t>(info.shape[0]), taps, static_cast<std::size_t>(info.shape[1])};
  }
  template <class Move>
  void for_each(const Move& move) const {
    std::size_t torch = 0;
    for (std::size_t small = 0; small < small_channels; ++small)
      for (std::size_t big = 0; big < big_channels; ++big)
        for (std::size_t tap = 0; tap < taps; ++tap)
          move(torch++, offset(small, tap, big));
  }
};

}  // namespace lamina

namespace lamina::inline LAMINA_ISA {

namespace device_kernels {

/// y[pixel] = Activation(y[pixel] + bias); `bias` may be null.
template <class Device, class Activation, StaticValue<int> Channels>
void finish_pixels(std::size_t pixels, Channels, const float* bias, float* y) {
  using Function = DeviceActivation<Activation>;
  constexpr Index channels{Channels::value};
  if (bias != nullptr)
    Device::launch(pixels * channels, [=] LAMINA_KERNEL(Index i) {
      y[i] = Function::value(y[i] + bias[i % channels]);
    });
  else if constexpr (!std::is_same_v<Activation, NoActivation>)
    DeviceElementwise<Device>::template activation<Activation>(pixels * channels, y, y);
}

/// Makes the gradient of a layer's input x that of what Activation made x from.
template <class Device, WindowGeometry G, LanesAre Are, class Activation>
void finish_gradient(std::size_t images, const float* x, float* dx) {
  constexpr auto values =
      static_cast<std::size_t>(Are == LanesAre::small ? G.big_size() : G.small_size());
  if constexpr (!std::is_same_v<Activation, NoActivation>)
    DeviceElementwise<Device>::template activation_gradient<Activation>(images * values, x, dx, dx);
}

/// gradient[channel] += the first of two sums.
struct AddFirst {
  float* gradient;

  LAMINA_KERNEL void operator()(Index channel, const Pair& sums) const {
    gradient[channel] += static_cast<float>(sums.first);
  }
};

}  // namespace device_kernels

template <class Device>
struct DeviceWindows {
  using Index = device_kernels::Index;

  template <WindowGeometry>
  static constexpr WorkspaceSize gather_workspace() {
    return {};
  }
  template <WindowGeometry>
  static constexpr WorkspaceSize scatter_workspace() {
    return {};
  }
  template <WindowGeometry, LanesAre>
  static constexpr WorkspaceSize input_gradient_workspace() {
    return {};
  }
  template <WindowGeometry, LanesAre>
  static constexpr WorkspaceSize weight_gradient_workspace() {
    return {};
  }
  static constexpr std::size_t bias_gradient_workspace(int) { return 0; }

  static constexpr std::size_t packed_size(const ParameterInfo& info) { return info.shape.size(); }
  static void pack(const ParameterInfo& info, const float* from, float* to) {
    std::vector<float> values(from, from + info.shape.size());
    if (info.storage != Storage::vector)
      FilterLayout::of(info).for_each(
          [&](std::size_t torch, std::size_t packed) { values[packed] = from[torch]; });
    Device::copy_from_host(values.size() * sizeof(float), values.data(), to);
  }
  static void unpack(const ParameterInfo& info, const float* from, float* to) {
    std::vector<float> values(info.shape.size());
    Device::copy_to_host(values.size() * sizeof(float), from, values.data());
    if (info.storage == Storage::vector)
      std::ranges::copy(values, to);
    else
      FilterLayout::of(info).for_each(
          [&](std::size_t torch, std::size_t packed) { to[torch] = values[packed]; });
  }

  template <WindowGeometry G, class Activation = NoActivation>
  static void gather(std::size_t images, const float* big, const float* weights, const float* bias,
                     float* small, float* /*workspace*/) {
    gather(G, images, big, weights, small);
    device_kernels::finish_pixels<Device, Activation>(Convolution{G, images}.small_pixels(),
                                                      static_value<G.small_channels>, bias, small);
  }
  template <WindowGeometry G, class Activation = NoActivation>
  static void scatter(std::size_t images, const float* small, const float* weights,
                      const float* bias, float* big, float* /*workspace*/) {
    scatter(G, images, small, weights, big);
    device_kernels::finish_pixels<Device, Activation>(Convolution{G, images}.big_pixels(),
                                                      static_value<G.big_channels>, bias, big);
  }
  template <WindowGeometry G, LanesAre Are, class Activation = NoActivation>
  static void input_gradient(std::size_t images, const float* dy, const float* weights,
                             const float* x, float* dx, float* /*workspace*/) {
    if constexpr (Are == LanesAre::small)
      scatter(G, images, dy, weights, dx);
    else
      gather(G, images, dy, weights, dx);
    device_kernels::finish_gradient<Device, G, Are, Activation>(images, x, dx);
  }
  template <WindowGeometry G, LanesAre>
  static void weight_gradient(std::size_t images, const float* big, const float* small,
                              float* gradient, float* /*workspace*/) {
    weight_gradient(G, images, big, small, gradient);
  }

  template <StaticValue<int> Channels>
  static void bias_gradient(std::size_t pixels, Channels channels, const float* dy, float* gradient,
                            float* /*workspace*/) {
    constexpr Index c{Channels::value};
    device_kernels::column_sums<Device>(
        pixels, channels,
        [=] LAMINA_KERNEL(Index row, Index channel) {
          return device_kernels::Pair{static_cast<double>(dy[row * c + channel]), 0.0};
        },
        device_kernels::AddFirst{gradient});
  }

  // For a geometry that is known at run time, so that all layers share the code; without what follows the sums. A replica may have no image.

  static void gather(const WindowGeometry& g, std::size_t images, const float* big,
                     const float* weights, float* small) {
    if (images == 0) return;
    const Convolution convolution{g, images};
    if (g.is_matrix_product())
      Device::multiply(gather_product(convolution), big, weights, small);
    else
      Device::convolution(convolution, big, weights, small);
  }

  static void scatter(const WindowGeometry& g, std::size_t images, const float* small,
                      const float* weights, float* big) {
    if (images == 0) return;
    const Convolution convolution{g, images};
    if (g.is_matrix_product())
      Device::multiply(scatter_product(convolution), small, weights, big);
    else
      Device::convolution_data(convolution, weights, small, big);
  }

  static void weight_gradient(const WindowGeometry& g, std::size_t images, const float* big,
                              const float* small, float* gradient) {
    if (images == 0) return;
    const Convolution convolution{g, images};
    if (g.is_matrix_product())
      Device::multiply(weight_product(convolution), small, big, gradient);
    else
      Device::convolution_filter(convolution, big, small, gradient);
  }

  // A window that is the whole big grid.

  /// small = big weights^T.
  static constexpr RowMajorProduct gather_product(const Convolution& c) {
    return {.rows = c.images,
            .columns = static_cast<std::size_t>(c.window.small_channels),
            .inner = static_cast<std::size_t>(c.window.big_size()),
            .transpose_b = true};
  }
  /// big = small weights.
  static constexpr RowMajorProduct scatter_product(const Convolution& c) {
    return {.rows = c.images,
            .columns = static_cast<std::size_t>(c.window.big_size()),
            .inner = static_cast<std::size_t>(c.window.small_channels)};
  }
  /// gradient += small^T big.
  static constexpr RowMajorProduct weight_product(const Convolution& c) {
    return {.rows = static_cast<std::size_t>(c.window.small_channels),
            .columns = static_cast<std::size_t>(c.window.big_size()),
            .inner = c.images,
            .transpose_a = true,
            .accumulate = true};
  }
};

}  // namespace lamina::inline LAMINA_ISA
