// SPDX-License-Identifier: MIT
#pragma once
// What variational autoencoders and GANs need of the CPU beside layers and losses: normal random
// numbers, sampling from a diagonal normal distribution, and its divergence from a standard one.
// N images, L latent dimensions; `encoded` holds for each image L means, then L log variances.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "lamina/backend/cpu/vector_loop.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/core/random.hpp"

namespace lamina::inline LAMINA_ISA {

struct CpuVariational {
  /// Standard normal values of a pass, `count` of them from number `begin` on.
  static void normal(std::size_t count, const Philox& philox, std::uint64_t pass, float* to,
                     std::uint64_t begin = 0) {
    constexpr std::size_t chunk = 1024;
    for_parts((count + chunk - 1) / chunk, 8 * count, [&](std::size_t part) {
      const std::size_t end = (std::min)(count, (part + 1) * chunk);
      for (std::size_t i = part * chunk; i < end;) {
        const auto words = philox(pass, (begin + i) / 4);
        const auto low = normal_pair(words[0], words[1]);
        const auto high = normal_pair(words[2], words[3]);
        const std::array<float, 4> values{low[0], low[1], high[0], high[1]};
        for (std::size_t lane = (begin + i) % 4; lane < 4 && i < end; ++lane, ++i)
          to[i] = values[lane];
      }
    });
  }

  /// z = mean + exp(log variance / 2) * noise.
  static void reparametrise(std::size_t images, std::size_t latent, const float* encoded,
                            const float* noise, float* z) {
    for_latents(images, latent, [=](std::size_t mean, std::size_t at, auto access) {
      access.store(z + at, fmadd(deviation(access.load(encoded + mean + latent)),
                                 access.load(noise + at), access.load(encoded + mean)));
    });
  }

  /// Adds to `sums`, for each latent dimension, (mean^2 + variance - 1 - log variance) / 2 of all
  /// images: the Kullback-Leibler divergence from a standard normal distribution, in nats.
  static void add_divergence(std::size_t images, std::size_t latent, const float* encoded,
                             double* sums) {
    const std::size_t step = static_cast<std::size_t>(lanes);
    for_parts((latent + step - 1) / step, images * latent, [=](std::size_t part) {
      const std::size_t end = (std::min)(latent, (part + 1) * step);
      for_vectors(part * step, end, [&](std::size_t at, auto access) {
        for (std::size_t image = 0; image < images; ++image) {
          const float* const row = encoded + image * 2 * latent + at;
          const Vec mean = access.load(row);
          const Vec log_variance = access.load(row + latent);
          alignas(64) std::array<float, static_cast<std::size_t>(lanes)> terms;
          store(terms.data(),
                Vec(0.5F) * (mean * mean + xsimd::exp(log_variance) - Vec(1.0F) - log_variance));
          for (std::size_t i = at; i < end; ++i)
            sums[i] += static_cast<double>(terms[i - at]);
        }
      });
    });
  }

  /// The gradient with respect to `encoded` of a loss with gradient dz, plus `scale` times the
  /// divergence of all images.
  static void variational_gradient(std::size_t images, std::size_t latent, const float* encoded,
                                   const float* noise, const float* dz, float scale,
                                   float* gradient) {
    for_latents(images, latent, [=](std::size_t mean, std::size_t at, auto access) {
      const Vec slope = access.load(dz + at);
      const Vec sigma = deviation(access.load(encoded + mean + latent));
      access.store(gradient + mean, fmadd(Vec(scale), access.load(encoded + mean), slope));
      access.store(gradient + mean + latent,
                   Vec(0.5F) * fmadd(slope * access.load(noise + at), sigma,
                                     Vec(scale) * (sigma * sigma - Vec(1.0F))));
    });
  }

 private:
  static Vec deviation(const Vec& log_variance) { return xsimd::exp(Vec(0.5F) * log_variance); }

  /// Calls body(index of a mean in `encoded`, index in z, access) for vectors of latent dimensions.
  template <class Body>
  static void for_latents(std::size_t images, std::size_t latent, const Body& body) {
    for_parts(images, images * latent, [&](std::size_t image) {
      for_vectors(0, latent, [&](std::size_t i, auto access) {
        body(image * 2 * latent + i, image * latent + i, access);
      });
    });
  }
};

}  // namespace lamina::inline LAMINA_ISA
