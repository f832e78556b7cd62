// SPDX-License-Identifier: MIT
#pragma once
// Batches of a data set that lies on the device: images are picked by number and turned from bytes to floats.

#include <cstddef>
#include <cstdint>

#include "lamina/backend/device/index.hpp"
#include "lamina/core/host_device.hpp"
#include "lamina/core/static_value.hpp"

namespace lamina::inline LAMINA_ISA {

template <class Device>
struct DeviceImages {
  using Index = device_kernels::Index;

  /// to[n] = image number order[n] of a set of bytes (C, pixels), channels-last: byte / 255, or that from -1
  /// to 1 if it is to be `symmetric`.
  template <StaticValue<std::size_t> Channels, StaticValue<std::size_t> Pixels>
  static void images_of_bytes(std::size_t images, Channels, Pixels, bool symmetric,
                              const std::uint8_t* bytes, const std::uint32_t* order, float* to) {
    constexpr Index channels{Channels::value}, pixels{Pixels::value};
    constexpr Index size{Channels::value * Pixels::value};
    Device::launch(images * size, [=] LAMINA_KERNEL(Index i) {
      const Index channel = i % channels, pixel = i / channels % pixels;
      const std::size_t image = std::size_t{order[i / size]} * size;
      const float unit = static_cast<float>(bytes[image + channel * pixels + pixel]) / 255.0F;
      to[i] = symmetric ? (unit - 0.5F) / 0.5F : unit;
    });
  }
};

}  // namespace lamina::inline LAMINA_ISA
