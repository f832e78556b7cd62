// SPDX-License-Identifier: MIT
#pragma once
// Products of bfloat16 on a device: what is multiplied is rounded into the workspace first. Matrix products put out
// float32; the results of convolutions are rounded to bfloat16 too, as libraries have them.

#include <cstddef>

#include "lamina/backend/cpu/window_geometry.hpp"
#include "lamina/backend/device/index.hpp"
#include "lamina/backend/device/products.hpp"
#include "lamina/backend/device/windows.hpp"
#include "lamina/core/bfloat16.hpp"
#include "lamina/core/host_device.hpp"
#include "lamina/core/static_value.hpp"
#include "lamina/layers/layer.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina::inline LAMINA_ISA {

namespace device_kernels {

/// Arrays of bfloat16 one behind the other in a workspace of floats.
class BFloat16Arrays {
 public:
  static constexpr std::size_t alignment = 16;  // floats

  explicit BFloat16Arrays(float* workspace) : next_(workspace) {}

  BFloat16* take(std::size_t count) {
    auto* const array = reinterpret_cast<BFloat16*>(next_);
    next_ += (count / 2 + alignment) / alignment * alignment;
    return array;
  }

 private:
  float* next_;
};

/// The values as they are multiplied, in an array of their own.
template <class Device>
const BFloat16* rounded(std::size_t count, const float* values, BFloat16Arrays& arrays) {
  BFloat16* const result = arrays.take(count);
  Device::launch(count, [=] LAMINA_KERNEL(Index i) { result[i] = to_bfloat16(values[i]); });
  return result;
}

/// to = Activation(values).
template <class Device, class Activation>
void widen(std::size_t count, const BFloat16* values, float* to) {
  using Function = DeviceActivation<Activation>;
  Device::launch(count,
                 [=] LAMINA_KERNEL(Index i) { to[i] = Function::value(to_float(values[i])); });
}

/// to[pixel] = Activation(values[pixel] + bias); `bias` may be null.
template <class Device, class Activation, StaticValue<int> Channels>
void finish_pixels(std::size_t pixels, Channels, const BFloat16* values, const float* bias,
                   float* to) {
  using Function = DeviceActivation<Activation>;
  constexpr Index channels{Channels::value};
  if (bias != nullptr)
    Device::launch(pixels * channels, [=] LAMINA_KERNEL(Index i) {
      to[i] = Function::value(to_float(values[i]) + bias[i % channels]);
    });
  else
    widen<Device, Activation>(pixels * channels, values, to);
}

}  // namespace device_kernels

/// A backend on a device, with such products.
template <class Backend>
struct DeviceBFloat16 : Backend {
  using D = typename Backend::device;
  using Index = device_kernels::Index;

  template <WindowGeometry G>
  static constexpr WorkspaceSize gather_workspace() {
    // Three arrays: both grids and the weights.
    constexpr std::size_t gaps = 3 * device_kernels::BFloat16Arrays::alignment;
    return {.fixed = Convolution{G, 0}.filter_size() / 2 + gaps,
            .per_image = static_cast<std::size_t>(G.big_size() + G.small_size() + 1) / 2};
  }
  template <WindowGeometry G>
  static constexpr WorkspaceSize scatter_workspace() {
    return gather_workspace<G>();
  }
  template <WindowGeometry G, LanesAre>
  static constexpr WorkspaceSize input_gradient_workspace() {
    return gather_workspace<G>();
  }
  template <WindowGeometry G, LanesAre>
  static constexpr WorkspaceSize weight_gradient_workspace() {
    return gather_workspace<G>();
  }

  template <WindowGeometry G, class Activation = NoActivation>
  static void gather(std::size_t images, const float* big, const float* weights, const float* bias,
                     float* small, float* workspace) {
    const std::size_t pixels = Convolution{G, images}.small_pixels();
    const BFloat16* const sums = gather(G, images, big, weights, small, workspace);
    if constexpr (G.is_matrix_product())
      device_kernels::finish_pixels<D, Activation>(pixels, static_value<G.small_channels>, bias,
                                                   small);
    else
      device_kernels::finish_pixels<D, Activation>(pixels, static_value<G.small_channels>, sums,
                                                   bias, small);
  }
  template <WindowGeometry G, class Activation = NoActivation>
  static void scatter(std::size_t images, const float* small, const float* weights,
                      const float* bias, float* big, float* workspace) {
    const std::size_t pixels = Convolution{G, images}.big_pixels();
    const BFloat16* const sums = scatter(G, images, small, weights, big, workspace);
    if constexpr (G.is_matrix_product())
      device_kernels::finish_pixels<D, Activation>(pixels, static_value<G.big_channels>, bias, big);
    else
      device_kernels::finish_pixels<D, Activation>(pixels, static_value<G.big_channels>, sums, bias,
                                                   big);
  }
  template <WindowGeometry G, LanesAre Are, class Activation = NoActivation>
  static void input_gradient(std::size_t images, const float* dy, const float* weights,
                             const float* x, float* dx, float* workspace) {
    if constexpr (Are == LanesAre::small)
      scatter<G>(images, dy, weights, nullptr, dx, workspace);
    else
      gather<G>(images, dy, weights, nullptr, dx, workspace);
    device_kernels::finish_gradient<D, G, Are, Activation>(images, x, dx);
  }
  template <WindowGeometry G, LanesAre>
  static void weight_gradient(std::size_t images, const float* big, const float* small,
                              float* gradient, float* workspace) {
    weight_gradient(G, images, big, small, gradient, workspace);
  }

  // For a geometry that is known at run time, so that all layers share the code; without what follows the sums. A
  // replica may have no image. The first two return the sums of a convolution; a matrix product's are in `small` and
  // `big`.

  static const BFloat16* gather(const WindowGeometry& g, std::size_t images, const float* big,
                                const float* weights, float* small, float* workspace) {
    if (images == 0) return nullptr;
    const Convolution convolution{g, images};
    device_kernels::BFloat16Arrays arrays(workspace);
    const BFloat16* const x = device_kernels::rounded<D>(convolution.x_size(), big, arrays);
    const BFloat16* const filter =
        device_kernels::rounded<D>(convolution.filter_size(), weights, arrays);
    if (g.is_matrix_product()) {
      D::multiply(Backend::gather_product(convolution), x, filter, small);
      return nullptr;
    }
    BFloat16* const y = arrays.take(convolution.y_size());
    D::convolution(convolution, x, filter, y);
    return y;
  }

  static const BFloat16* scatter(const WindowGeometry& g, std::size_t images, const float* small,
                                 const float* weights, float* big, float* workspace) {
    if (images == 0) return nullptr;
    const Convolution convolution{g, images};
    device_kernels::BFloat16Arrays arrays(workspace);
    const BFloat16* const y = device_kernels::rounded<D>(convolution.y_size(), small, arrays);
    const BFloat16* const filter =
        device_kernels::rounded<D>(convolution.filter_size(), weights, arrays);
    if (g.is_matrix_product()) {
      D::multiply(Backend::scatter_product(convolution), y, filter, big);
      return nullptr;
    }
    BFloat16* const x = arrays.take(convolution.x_size());
    D::convolution_data(convolution, filter, y, x);
    return x;
  }

  static void weight_gradient(const WindowGeometry& g, std::size_t images, const float* big,
                              const float* small, float* gradient, float* workspace) {
    if (images == 0) return;
    const Convolution convolution{g, images};
    device_kernels::BFloat16Arrays arrays(workspace);
    const BFloat16* const x = device_kernels::rounded<D>(convolution.x_size(), big, arrays);
    const BFloat16* const dy = device_kernels::rounded<D>(convolution.y_size(), small, arrays);
    if (g.is_matrix_product()) {
      D::multiply(Backend::weight_product(convolution), dy, x, gradient);
    } else {
      BFloat16* const sums = arrays.take(convolution.filter_size());
      D::convolution_filter(convolution, x, dy, sums);
      D::launch(convolution.filter_size(),
                [=] LAMINA_KERNEL(Index i) { gradient[i] += to_float(sums[i]); });
    }
  }
};

}  // namespace lamina::inline LAMINA_ISA
