// SPDX-License-Identifier: MIT
#pragma once
// The optimisers' updates on a device.

#include <cmath>
#include <cstddef>

#include "lamina/backend/device/index.hpp"
#include "lamina/core/host_device.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/optim/updates.hpp"

namespace lamina::inline LAMINA_ISA {

namespace device_kernels {

/// NaN stays NaN.
LAMINA_HOST_DEVICE inline float clamped(float x, float low, float high) {
  if (x < low) return low;
  return x > high ? high : x;
}

}  // namespace device_kernels

template <class Device>
struct DeviceOptimise {
  using Index = device_kernels::Index;

  static void scale(std::size_t count, float factor, float* x) {
    Device::launch(count, [=] LAMINA_KERNEL(Index i) { x[i] *= factor; });
  }
  static void clamp(std::size_t count, float low, float high, float* x) {
    Device::launch(count,
                   [=] LAMINA_KERNEL(Index i) { x[i] = device_kernels::clamped(x[i], low, high); });
  }
  static void move_towards(std::size_t count, float share, const float* from, float* to) {
    Device::launch(count,
                   [=] LAMINA_KERNEL(Index i) { to[i] = std::fma(share, from[i] - to[i], to[i]); });
  }

  static void sgd(std::size_t count, const SgdUpdate& given, const float* gradients,
                  float* velocity, float* values) {
    const SgdUpdate update = given;
    Device::launch(count, [=] LAMINA_KERNEL(Index i) {
      float step = std::fma(update.weight_decay, values[i], gradients[i]);
      if (update.momentum != 0.0F) {
        const float moved = update.first_step ? step : std::fma(update.momentum, velocity[i], step);
        velocity[i] = moved;
        step = update.nesterov ? std::fma(update.momentum, moved, step) : moved;
      }
      values[i] = std::fma(-update.learning_rate, step, values[i]);
    });
  }

  static void adam(std::size_t count, const AdamUpdate& given, const float* gradients,
                   float* first_moment, float* second_moment, float* values) {
    const AdamUpdate update = given;
    Device::launch(count, [=] LAMINA_KERNEL(Index i) {
      const float value = values[i] * update.shrink;
      const float g = std::fma(update.weight_decay, value, gradients[i]);
      const float m = std::fma(1.0F - update.beta1, g - first_moment[i], first_moment[i]);
      const float v = std::fma(update.beta2, second_moment[i], (1.0F - update.beta2) * g * g);
      first_moment[i] = m;
      second_moment[i] = v;
      const float deviation = std::sqrt(v) * update.second_correction + update.epsilon;
      values[i] = value - update.step_size * (m / deviation);
    });
  }
};

}  // namespace lamina::inline LAMINA_ISA
