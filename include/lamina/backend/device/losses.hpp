// SPDX-License-Identifier: MIT
#pragma once
// Losses and counts on a device. Labels come from the host's memory, as a batch has them there.

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "lamina/backend/device/elementwise.hpp"
#include "lamina/backend/device/sums.hpp"
#include "lamina/core/host_device.hpp"
#include "lamina/core/static_value.hpp"
#include "lamina/losses/functions.hpp"

namespace lamina::inline LAMINA_ISA {

/// A loss function: its value for one pair of numbers, and d value / d prediction.
template <class Function>
struct DeviceLoss;

template <>
struct DeviceLoss<SquaredError> {
  LAMINA_HOST_DEVICE static float value(float x, float t) { return (x - t) * (x - t); }
  LAMINA_HOST_DEVICE static float gradient(float x, float t) { return 2.0F * (x - t); }
};
template <>
struct DeviceLoss<CrossEntropyOfProbability> {
  LAMINA_HOST_DEVICE static float value(float x, float t) {
    return -(t * bounded_log(x) + (1.0F - t) * bounded_log(1.0F - x));
  }
  LAMINA_HOST_DEVICE static float gradient(float x, float t) {
    const float slope = x * (1.0F - x);
    return (x - t) / (slope < 1e-12F ? 1e-12F : slope);
  }
  /// NaN stays NaN.
  LAMINA_HOST_DEVICE static float bounded_log(float x) {
    const float log = std::log(x);
    return log < -100.0F ? -100.0F : log;
  }
};
template <>
struct DeviceLoss<CrossEntropyOfLogit> {
  LAMINA_HOST_DEVICE static float value(float x, float t) {
    return (x < 0.0F ? 0.0F : x) - x * t + std::log1p(std::exp(-std::abs(x)));
  }
  LAMINA_HOST_DEVICE static float gradient(float x, float t) {
    return DeviceActivation<Sigmoid>::value(x) - t;
  }
};
template <>
struct DeviceLoss<HalfSquaredErrorOfLogit> {
  LAMINA_HOST_DEVICE static float value(float x, float t) {
    const float error = DeviceActivation<Sigmoid>::value(x) - t;
    return 0.5F * error * error;
  }
  LAMINA_HOST_DEVICE static float gradient(float x, float t) {
    const float probability = DeviceActivation<Sigmoid>::value(x);
    return (probability - t) * probability * (1.0F - probability);
  }
};
template <>
struct DeviceLoss<Wasserstein> {
  LAMINA_HOST_DEVICE static float value(float x, float t) { return -(t * x); }
  LAMINA_HOST_DEVICE static float gradient(float, float t) { return -t; }
};
template <>
struct DeviceLoss<Hinge> {
  LAMINA_HOST_DEVICE static float value(float x, float t) {
    const float loss = 1.0F - t * x;
    return loss < 0.0F ? 0.0F : loss;
  }
  LAMINA_HOST_DEVICE static float gradient(float x, float t) {
    return 1.0F - t * x < 0.0F ? 0.0F : -t;
  }
};

namespace device_kernels {

/// Of one image's logits: the largest, and the sum of exp(x_k - largest).
struct Exponentials {
  float largest;
  double sum;
};

LAMINA_HOST_DEVICE inline Exponentials exponentials(Index classes, const float* x) {
  float largest = x[0];
  for (Index k = 1; k < classes; ++k)
    if (largest < x[k]) largest = x[k];
  double sum = 0.0;
  for (Index k = 0; k < classes; ++k)
    sum += static_cast<double>(std::exp(x[k] - largest));
  return {largest, sum};
}

}  // namespace device_kernels

template <class Device>
struct DeviceLosses {
  using Index = device_kernels::Index;

  template <class Function>
  static double loss_sum(std::size_t count, const float* prediction, const float* target) {
    return device_kernels::sum_of<Device>(count, [=] LAMINA_KERNEL(Index i) {
      return static_cast<double>(DeviceLoss<Function>::value(prediction[i], target[i]));
    });
  }
  template <class Function>
  static void loss_gradient(std::size_t count, const float* prediction, const float* target,
                            float scale, float* gradient) {
    Device::launch(count, [=] LAMINA_KERNEL(Index i) {
      gradient[i] = DeviceLoss<Function>::gradient(prediction[i], target[i]) * scale;
    });
  }

  template <StaticValue<std::size_t> Classes>
  static double cross_entropy_sum(std::size_t images, Classes, const float* logits,
                                  const std::uint8_t* host_labels) {
    constexpr Index classes{Classes::value};
    const std::uint8_t* const labels = Device::labels(images, host_labels);
    return device_kernels::sum_of<Device>(images, [=] LAMINA_KERNEL(Index image) {
      const float* const x = logits + std::size_t{image} * classes;
      const device_kernels::Exponentials e = device_kernels::exponentials(classes, x);
      const double chosen = static_cast<double>(x[labels[image]]) - static_cast<double>(e.largest);
      return std::log(e.sum) - chosen;
    });
  }
  template <StaticValue<std::size_t> Classes>
  static void cross_entropy_gradient(std::size_t images, Classes, const float* logits,
                                     const std::uint8_t* host_labels, float scale,
                                     float* gradient) {
    constexpr Index classes{Classes::value};
    const std::uint8_t* const labels = Device::labels(images, host_labels);
    Device::launch(images, [=] LAMINA_KERNEL(Index image) {
      const std::size_t first = std::size_t{image} * classes;
      const device_kernels::Exponentials e = device_kernels::exponentials(classes, logits + first);
      const auto factor = static_cast<float>(static_cast<double>(scale) / e.sum);
      for (Index k = 0; k < classes; ++k)
        gradient[first + k] =
            std::exp(logits[first + k] - e.largest) * factor - (k == labels[image] ? scale : 0.0F);
    });
  }
  template <StaticValue<std::size_t> Classes>
  static double count_right(std::size_t images, Classes, const float* logits,
                            const std::uint8_t* host_labels) {
    constexpr Index classes{Classes::value};
    const std::uint8_t* const labels = Device::labels(images, host_labels);
    return device_kernels::sum_of<Device>(images, [=] LAMINA_KERNEL(Index image) {
      const float* const x = logits + std::size_t{image} * classes;
      const Index label = labels[image];
      bool first = x[label] == x[label];  // a number
      for (Index k = 0; k < classes; ++k)
        first = first && (k < label ? x[k] < x[label] : x[k] <= x[label]);
      return first ? 1.0 : 0.0;
    });
  }

  static double positive_count(std::size_t count, const float* x) {
    return device_kernels::sum_of<Device>(
        count, [=] LAMINA_KERNEL(Index i) { return x[i] > 0.0F ? 1.0 : 0.0; });
  }
  static double sigmoid_sum(std::size_t count, const float* x) {
    return device_kernels::sum_of<Device>(count, [=] LAMINA_KERNEL(Index i) {
      return static_cast<double>(DeviceActivation<Sigmoid>::value(x[i]));
    });
  }
  static double sum_of_squares(std::size_t count, const float* x) {
    return device_kernels::sum_of<Device>(
        count,
        [=] LAMINA_KERNEL(Index i) {
          return static_cast<double>(x[i]) * static_cast<double>(x[i]);
        },
        device_kernels::Wanted::now);
  }
};

}  // namespace lamina::inline LAMINA_ISA
