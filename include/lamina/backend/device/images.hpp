// SPDX-License-Identifier: MIT
#pragma once
// Batches of a data set that lies on the device: images are picked by number and turned from bytes to floats.

#include <cstddef>
#include <cstdint>

#include "lamina/backend/device/index.hpp"
#include "lamina/core/host_device.hpp"

namespace lamina::inline LAMINA_ISA {

template <class Device>
struct DeviceImages {
  using Index = device_kernels::Index;

  /// to[n] = image number order[n] of a set of bytes (C, pixels), channels-last: byte / 255, or that from -1
  /// to 1 if it is to be `symmetric`.
  static void images_of_bytes(std::size_t images, std::size_t channel_count,
                              std::size_t pixel_count, bool symmetric, const std::uint8_t* bytes,
                              const std::uint32_t* order, float* to) {
    const Index channels = device_kernels::index(channel_count);
    const Index pixels = device_kernels::index(pixel_count);
    const Index size = device_kernels::index(channel_count * pixel_count);
    Device::launch(images * size, [=] LAMINA_KERNEL(Index i) {
      const Index channel = i % channels, pixel = i / channels % pixels;
      const std::size_t image = std::size_t{order[i / size]} * size;
      const float unit = static_cast<float>(bytes[image + channel * pixels + pixel]) / 255.0F;
      to[i] = symmetric ? (unit - 0.5F) / 0.5F : unit;
    });
  }
};

}  // namespace lamina::inline LAMINA_ISA
