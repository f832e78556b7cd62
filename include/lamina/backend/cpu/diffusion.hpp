// SPDX-License-Identifier: MIT
#pragma once
// What diffusion models need of the CPU beside layers and losses: mixing images with noise, and one
// step of the way back.

#include <cstddef>

#include "lamina/backend/cpu/vector_loop.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/generative/noise_schedule.hpp"

namespace lamina::inline LAMINA_ISA {

struct CpuDiffusion {
  /// y[n] = first_share[n] * first[n] + second_share[n] * second[n] for images of `size` values.
  static void mix(std::size_t images, std::size_t size, const float* first_share,
                  const float* first, const float* second_share, const float* second, float* y) {
    for_parts(images, images * size, [=](std::size_t n) {
      const Vec a(first_share[n]);
      const Vec b(second_share[n]);
      for_vectors(n * size, (n + 1) * size, [=](std::size_t i, auto at) {
        at.store(y + i, fmadd(a, at.load(first + i), b * at.load(second + i)));
      });
    });
  }

  /// x becomes a sample of the step before, from the noise that the model sees in it and fresh noise.
  /// The clean image that x points to is clipped to [-1, 1].
  static void denoise(std::size_t count, const DenoiseStep& step, const float* seen,
                      const float* fresh, float* x) {
    for_all_vectors(count, [=](std::size_t i, auto at) {
      const Vec now = at.load(x + i);
      const Vec pointed = (now - Vec(step.noise) * at.load(seen + i)) * Vec(1.0F / step.signal);
      const Vec clean = clamped(pointed, -1.0F, 1.0F);
      const Vec noise = (now - Vec(step.signal) * clean) * Vec(1.0F / step.noise);
      const Vec before = fmadd(Vec(step.signal_before), clean, Vec(step.direction) * noise);
      at.store(x + i, fmadd(Vec(step.spread), at.load(fresh + i), before));
    });
  }
};

}  // namespace lamina::inline LAMINA_ISA
