// SPDX-License-Identifier: MIT
#pragma once
// Elementwise operations on a device: activations, dropout, copies and reshapes. What each means is written
// at the CPU's, which has the same names.

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "lamina/backend/device/index.hpp"
#include "lamina/core/host_device.hpp"
#include "lamina/core/random.hpp"
#include "lamina/core/static_value.hpp"
#include "lamina/layers/activations.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina::inline LAMINA_ISA {

/// y = Function(x) and dx = dy * Function'(x), written in terms of y (SiLU's in terms of x). NaN stays NaN.
template <class Function>
struct DeviceActivation;

template <>
struct DeviceActivation<NoActivation> {
  LAMINA_HOST_DEVICE static float value(float x) { return x; }
};
template <>
struct DeviceActivation<ReLU> {
  LAMINA_HOST_DEVICE static float value(float x) { return x < 0.0F ? 0.0F : x; }
  LAMINA_HOST_DEVICE static float gradient(float y, float dy) { return y <= 0.0F ? 0.0F : dy; }
};
template <double Slope>
struct DeviceActivation<LeakyReLU<Slope>> {
  LAMINA_HOST_DEVICE static float value(float x) {
    return x > 0.0F ? x : x * static_cast<float>(Slope);
  }
  LAMINA_HOST_DEVICE static float gradient(float y, float dy) {
    return y > 0.0F ? dy : dy * static_cast<float>(Slope);
  }
};
template <>
struct DeviceActivation<Sigmoid> {
  LAMINA_HOST_DEVICE static float value(float x) { return 1.0F / (1.0F + std::exp(-x)); }
  LAMINA_HOST_DEVICE static float gradient(float y, float dy) { return dy * y * (1.0F - y); }
};
template <>
struct DeviceActivation<Tanh> {
  LAMINA_HOST_DEVICE static float value(float x) { return std::tanh(x); }
  LAMINA_HOST_DEVICE static float gradient(float y, float dy) { return dy * (1.0F - y * y); }
};
template <>
struct DeviceActivation<SiLU> {
  LAMINA_HOST_DEVICE static float value(float x) { return x / (1.0F + std::exp(-x)); }
  LAMINA_HOST_DEVICE static float gradient(float x, float dy) {
    const float sigmoid = 1.0F / (1.0F + std::exp(-x));
    return dy * sigmoid * (1.0F + x * (1.0F - sigmoid));
  }
};

namespace device_kernels {

/// For each image the transpose of a matrix of rows and columns.
template <class Device, StaticValue<int> Rows, StaticValue<int> Columns>
void transpose_each(std::size_t images, Rows, Columns, const float* from, float* to) {
  constexpr Index rows{Rows::value}, columns{Columns::value};
  Device::launch(images * rows * columns, [=] LAMINA_KERNEL(Index i) {
    const Index image = i / (rows * columns), in_image = i % (rows * columns);
    const Index column = in_image / rows, row = in_image % rows;
    to[i] = from[image * rows * columns + row * columns + column];
  });
}

/// body(i, words, lane) for i = 0 ... count - 1: value i is made of word number `lane` of those drawn for it, and is
/// number first + i of its pass.
template <class Device, class Body>
void random_values(std::size_t value_count, const Philox& given, std::uint64_t pass,
                   std::uint64_t first, const Body& body) {
  const Philox philox = given;
  const Index count = index(value_count);
  const auto skipped = static_cast<Index>(first % 4);  // words of the first block
  Device::launch((value_count + skipped + 3) / 4, [=] LAMINA_KERNEL(Index block) {
    const auto words = philox(pass, first / 4 + block);
    for (Index lane = block == 0 ? skipped : 0; lane < 4 && 4 * block + lane - skipped < count;
         ++lane)
      body(4 * block + lane - skipped, words, lane);
  });
}

}  // namespace device_kernels

template <class Device>
struct DeviceElementwise {
  using Index = device_kernels::Index;

  template <class Function>
  static void activation(std::size_t count, const float* x, float* y) {
    Device::launch(count,
                   [=] LAMINA_KERNEL(Index i) { y[i] = DeviceActivation<Function>::value(x[i]); });
  }
  template <class Function>
  static void activation_gradient(std::size_t count, const float* known, const float* dy,
                                  float* dx) {
    Device::launch(count, [=] LAMINA_KERNEL(Index i) {
      dx[i] = DeviceActivation<Function>::gradient(known[i], dy[i]);
    });
  }

  static void dropout(std::size_t value_count, double probability, DrawKey key, const float* from,
                      float* to) {
    const Philox philox(Seed{key.seed}, Stream::dropout, key.layer);
    const auto threshold = static_cast<float>(probability);
    const auto scale = static_cast<float>(1.0 / (1.0 - probability));
    device_kernels::random_values<Device>(
        value_count, philox, key.pass, key.first,
        [=] LAMINA_KERNEL(Index i, const std::array<std::uint32_t, 4>& words, Index lane) {
          to[i] = uniform(words[lane]) >= threshold ? from[i] * scale : 0.0F;
        });
  }

  static void fill(std::size_t count, float value, float* to) {
    Device::launch(count, [=] LAMINA_KERNEL(Index i) { to[i] = value; });
  }
  static void copy(std::size_t count, const float* from, float* to) {
    if (from != to) Device::copy(count * sizeof(float), from, to);
  }
  static void copy_from_host(std::size_t count, const float* from, float* to) {
    Device::copy_from_host(count * sizeof(float), from, to);
  }
  static void copy_to_host(std::size_t count, const float* from, float* to) {
    Device::copy_to_host(count * sizeof(float), from, to);
  }
  static void swap(std::size_t count, float* a, float* b) {
    Device::launch(count, [=] LAMINA_KERNEL(Index i) {
      const float first = a[i];
      a[i] = b[i];
      b[i] = first;
    });
  }
  static void add(std::size_t count, const float* a, const float* b, float* y) {
    Device::launch(count, [=] LAMINA_KERNEL(Index i) { y[i] = a[i] + b[i]; });
  }

  template <StaticValue<int> First, StaticValue<int> Second>
  static void concat(std::size_t pixels, First, Second, const float* first, const float* second,
                     float* to) {
    constexpr Index a{First::value}, b{Second::value};
    Device::launch(pixels * (a + b), [=] LAMINA_KERNEL(Index i) {
      const Index pixel = i / (a + b), channel = i % (a + b);
      to[i] = channel < a ? first[pixel * a + channel] : second[pixel * b + channel - a];
    });
  }
  template <StaticValue<int> First, StaticValue<int> Second>
  static void split(std::size_t pixels, First, Second, const float* from, float* first,
                    float* second) {
    constexpr Index a{First::value}, b{Second::value};
    Device::launch(pixels * (a + b), [=] LAMINA_KERNEL(Index i) {
      const Index pixel = i / (a + b), channel = i % (a + b);
      if (channel < a) {
        if (first != nullptr) first[pixel * a + channel] = from[i];
      } else if (second != nullptr) {
        second[pixel * b + channel - a] = from[i];
      }
    });
  }

  template <StaticValue<int> Channels, StaticValue<int> Pixels>
  static void image_to_vector(std::size_t images, Channels channels, Pixels pixels,
                              const float* from, float* to) {
    device_kernels::transpose_each<Device>(images, pixels, channels, from, to);
  }
  template <StaticValue<int> Channels, StaticValue<int> Pixels>
  static void vector_to_image(std::size_t images, Channels channels, Pixels pixels,
                              const float* from, float* to) {
    device_kernels::transpose_each<Device>(images, channels, pixels, from, to);
  }

  template <StaticValue<std::size_t> Pixels, StaticValue<std::size_t> Channels>
  static void add_to_pixels(std::size_t images, Pixels, Channels, const float* x,
                            const float* vectors, float* y) {
    constexpr Index pixels{Pixels::value}, channels{Channels::value};
    Device::launch(images * pixels * channels, [=] LAMINA_KERNEL(Index i) {
      y[i] = x[i] + vectors[i / (pixels * channels) * channels + i % channels];
    });
  }
  template <StaticValue<std::size_t> Pixels, StaticValue<std::size_t> Channels>
  static void sum_pixels(std::size_t images, Pixels, Channels, const float* dy, float* sums) {
    constexpr Index pixels{Pixels::value}, channels{Channels::value};
    Device::launch(images * channels, [=] LAMINA_KERNEL(Index i) {
      const float* const from = dy + std::size_t{i / channels} * pixels * channels + i % channels;
      double sum = 0.0;
      for (Index pixel = 0; pixel < pixels; ++pixel)
        sum += static_cast<double>(from[std::size_t{pixel} * channels]);
      sums[i] = static_cast<float>(sum);
    });
  }
};

}  // namespace lamina::inline LAMINA_ISA
