// SPDX-License-Identifier: MIT
#pragma once
// What Vae, Gan and Diffusion need of a device beside layers and losses. Random numbers are those of the CPU.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "lamina/backend/device/elementwise.hpp"
#include "lamina/backend/device/index.hpp"
#include "lamina/backend/device/optimise.hpp"
#include "lamina/core/host_device.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/core/random.hpp"
#include "lamina/core/static_value.hpp"
#include "lamina/generative/noise_schedule.hpp"

namespace lamina::inline LAMINA_ISA {

template <class Device>
struct DeviceGenerative {
  using Index = device_kernels::Index;

  static void normal(std::size_t count, const Philox& philox, std::uint64_t pass, float* to,
                     std::uint64_t begin = 0) {
    device_kernels::random_values<Device>(
        count, philox, pass, begin,
        [=] LAMINA_KERNEL(Index i, const std::array<std::uint32_t, 4>& words, Index lane) {
          const Index pair = lane / 2 * 2;
          to[i] = normal_pair(words[pair], words[pair + 1])[lane % 2];
        });
  }

  template <StaticValue<std::size_t> Latent>
  static void reparametrise(std::size_t images, Latent, const float* encoded, const float* noise,
                            float* z) {
    constexpr Index latent{Latent::value};
    Device::launch(images * latent, [=] LAMINA_KERNEL(Index i) {
      const float* const mean = encoded + std::size_t{i / latent} * 2 * latent + i % latent;
      z[i] = std::fma(std::exp(0.5F * mean[latent]), noise[i], mean[0]);
    });
  }

  /// `sums` are in the host's memory.
  template <StaticValue<std::size_t> Latent>
  static void add_divergence(std::size_t image_count, Latent, const float* encoded, double* sums) {
    constexpr Index latent{Latent::value};
    const Index images = device_kernels::index(image_count);
    auto* const device_sums = static_cast<double*>(Device::scratch(latent * sizeof(double)));
    Device::template reduce<double>(
        latent, images,
        [=] LAMINA_KERNEL(Index at, Index image) {
          const float* const row = encoded + std::size_t{image} * 2 * latent + at;
          const auto mean = static_cast<double>(row[0]);
          const auto log_variance = static_cast<double>(row[latent]);
          return 0.5 * (mean * mean + std::exp(log_variance) - 1.0 - log_variance);
        },
        [=] LAMINA_KERNEL(Index at, double sum) { device_sums[at] = sum; });
    std::vector<double> now(latent);
    Device::copy_figures(latent * sizeof(double), device_sums, now.data());
    for (std::size_t i = 0; i < now.size(); ++i)
      sums[i] += now[i];
  }

  template <StaticValue<std::size_t> Latent>
  static void variational_gradient(std::size_t images, Latent, const float* encoded,
                                   const float* noise, const float* dz, float scale,
                                   float* gradient) {
    constexpr Index latent{Latent::value};
    Device::launch(images * latent, [=] LAMINA_KERNEL(Index i) {
      const std::size_t mean = std::size_t{i / latent} * 2 * latent + i % latent;
      const float sigma = std::exp(0.5F * encoded[mean + latent]);
      gradient[mean] = std::fma(scale, encoded[mean], dz[i]);
      gradient[mean + latent] =
          0.5F * std::fma(dz[i] * noise[i], sigma, scale * (sigma * sigma - 1.0F));
    });
  }

  template <StaticValue<std::size_t> Size>
  static void mix(std::size_t images, Size, const float* first_share, const float* first,
                  const float* second_share, const float* second, float* y) {
    constexpr Index size{Size::value};
    Device::launch(images * size, [=] LAMINA_KERNEL(Index i) {
      const Index n = i / size;
      y[i] = std::fma(first_share[n], first[i], second_share[n] * second[i]);
    });
  }

  static void denoise(std::size_t count, const DenoiseStep& given, const float* seen,
                      const float* fresh, float* x) {
    const DenoiseStep step = given;
    Device::launch(count, [=] LAMINA_KERNEL(Index i) {
      const float now = x[i];
      const float pointed = (now - step.noise * seen[i]) * (1.0F / step.signal);
      const float clean = device_kernels::clamped(pointed, -1.0F, 1.0F);
      const float noise = (now - step.signal * clean) * (1.0F / step.noise);
      const float before = std::fma(step.signal_before, clean, step.direction * noise);
      x[i] = std::fma(step.spread, fresh[i], before);
    });
  }
};

}  // namespace lamina::inline LAMINA_ISA
