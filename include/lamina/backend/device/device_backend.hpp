// SPDX-License-Identifier: MIT
#pragma once
// A backend on a device with memory of its own: the operations that layers, losses and optimisers are written
// in, over the few things that a device does.

#include <concepts>
#include <cstddef>
#include <cstdint>

#include "lamina/backend/device/bfloat16.hpp"
#include "lamina/backend/device/elementwise.hpp"
#include "lamina/backend/device/generative.hpp"
#include "lamina/backend/device/images.hpp"
#include "lamina/backend/device/losses.hpp"
#include "lamina/backend/device/normalise.hpp"
#include "lamina/backend/device/optimise.hpp"
#include "lamina/backend/device/pool.hpp"
#include "lamina/backend/device/products.hpp"
#include "lamina/backend/device/windows.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

/// What a device does. All of it happens in the order in which it is asked for; only what brings something to
/// the host waits. Beside these there are two templates:
///   launch(count, body)                              body(i) for i = 0 ... count - 1, in any order
///   reduce<Sum>(groups, length, term, finish)        finish(g, the sum of term(g, i) over i = 0 ...
///                                                    length - 1), always added in the same order
template <class D>
concept Device = requires(std::size_t bytes, void* memory, const void* read, float* values,
                          BFloat16* halves, const std::uint8_t* labels) {
  D::prepare();
  { D::allocate(bytes) } -> std::same_as<void*>;  // zeroed
  D::release(memory);
  D::copy(bytes, read, memory);
  D::copy_from_host(bytes, read, memory);
  D::copy_to_host(bytes, read, memory);
  D::copy_figures(bytes, read, memory);  // the same for what is only shown
  // Memory that an operation uses until the next one asks for some; and a copy of labels.
  { D::scratch(bytes) } -> std::same_as<void*>;
  { D::labels(bytes, labels) } -> std::same_as<const std::uint8_t*>;
  D::multiply(RowMajorProduct{}, values, values, values);
  D::convolution(Convolution{}, values, values, values);
  D::convolution_data(Convolution{}, values, values, values);
  D::convolution_filter(Convolution{}, values, values, values);  // added to the gradient
  // The same of bfloat16, summed in float32. Every result is overwritten, the filter's gradient too.
  D::multiply(RowMajorProduct{}, halves, halves, values);
  D::convolution(Convolution{}, halves, halves, halves);
  D::convolution_data(Convolution{}, halves, halves, halves);
  D::convolution_filter(Convolution{}, halves, halves, halves);
};

template <Device D>
struct DeviceBackend : DeviceElementwise<D>,
                       DeviceGenerative<D>,
                       DeviceImages<D>,
                       DeviceLosses<D>,
                       DeviceNormalise<D>,
                       DeviceOptimise<D>,
                       DevicePool<D>,
                       DeviceWindows<D> {
  using device = D;
  static constexpr bool host_memory = false;
  /// gather, scatter and batch_norm_apply may end with an activation, batch_norm_gradient begin with the gradient of one
  /// and input_gradient end with it.
  static constexpr bool fuses_activations = true;
  using with_bfloat16 = DeviceBFloat16<DeviceBackend>;

  static void prepare() { D::prepare(); }
  /// Zeroed; null for nothing.
  static float* allocate(std::size_t count) {
    return count == 0 ? nullptr : static_cast<float*>(D::allocate(count * sizeof(float)));
  }
  static void release(float* memory) noexcept {
    if (memory != nullptr) D::release(memory);
  }
};

}  // namespace lamina::inline LAMINA_ISA
