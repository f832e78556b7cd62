// SPDX-License-Identifier: MIT
#pragma once
// Group normalisation on the CPU: statistics of each image and group, from sums of each channel.
// Threads share the images.

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "lamina/backend/cpu/row_sums.hpp"
#include "lamina/backend/cpu/vector_loop.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina::inline LAMINA_ISA {

struct CpuGroupNorm {
  static constexpr WorkspaceSize group_norm_workspace(int channels) {
    // Two double sums and, in four floats, up to three coefficients for each channel.
    return {.fixed = 0, .per_image = 8 * static_cast<std::size_t>(channels)};
  }

  /// y = (x - mean) * inverse deviation * gamma + beta. saved = the means of an image's groups and
  /// behind them 1 / sqrt(biased variance + epsilon), image after image.
  static void group_norm(std::size_t images, std::size_t pixels, int channels, int groups,
                         double epsilon, const float* gamma, const float* beta, const float* x,
                         float* saved, float* y, float* workspace) {
    const Sizes s(pixels, channels, groups);
    for_parts(images, images * s.image(), [=](std::size_t image) {
      const float* const from = x + image * s.image();
      const Scratch scratch(workspace, image, s);
      float* const means = saved + image * 2 * s.groups;
      float* const inverses = means + s.groups;
      // Sums of differences from the first pixel: no cancellation when the mean is far from zero.
      scratch.sum(s, [=](std::size_t at, auto access, std::size_t pixel) {
        const Vec difference = access.load(from + pixel * s.channels + at) - access.load(from + at);
        return cpu_kernels::VecPair{difference, difference * difference};
      });
      for (std::size_t group = 0; group < s.groups; ++group) {
        const std::size_t first = group * s.width, last = first + s.width;
        const auto channel_mean = [&](std::size_t c) {
          return static_cast<double>(from[c]) + scratch.sums[c] / s.n();
        };
        double mean = 0.0;
        for (std::size_t c = first; c < last; ++c)
          mean += channel_mean(c) / static_cast<double>(s.width);
        double squares = 0.0;  // of the distances from the mean
        for (std::size_t c = first; c < last; ++c) {
          const double away = channel_mean(c) - mean;
          squares += scratch.sums[s.channels + c] - scratch.sums[c] * scratch.sums[c] / s.n() +
                     s.n() * away * away;
        }
        const double variance = (std::max)(squares / s.count(), 0.0);
        means[group] = static_cast<float>(mean);
        inverses[group] = static_cast<float>(1.0 / std::sqrt(variance + epsilon));
        for (std::size_t c = first; c < last; ++c) {
          scratch.first(s)[c] = inverses[group] * gamma[c];
          scratch.second(s)[c] = beta[c] - means[group] * scratch.first(s)[c];
        }
      }
      float* const to = y + image * s.image();
      for_pixels(s, [=](std::size_t at, auto access, std::size_t i) {
        access.store(to + i, fmadd(access.load(from + i), access.load(scratch.first(s) + at),
                                   access.load(scratch.second(s) + at)));
      });
    });
  }

  /// d gamma and d beta accumulate; dx, unless null, is overwritten and may be dy.
  static void group_norm_gradient(std::size_t images, std::size_t pixels, int channels, int groups,
                                  const float* saved, const float* gamma, const float* x,
                                  const float* dy, float* gamma_gradient, float* beta_gradient,
                                  float* dx, float* workspace) {
    const Sizes s(pixels, channels, groups);
    for_parts(images, images * s.image(), [=](std::size_t image) {
      const float* const input = x + image * s.image();
      const float* const slopes = dy + image * s.image();
      const Scratch scratch(workspace, image, s);
      const float* const means = saved + image * 2 * s.groups;
      const float* const inverses = means + s.groups;
      float* const mean = scratch.first(s);
      for (std::size_t c = 0; c < s.channels; ++c)
        mean[c] = means[c / s.width];
      scratch.sum(s, [=](std::size_t at, auto access, std::size_t pixel) {
        const std::size_t i = pixel * s.channels + at;
        const Vec slope = access.load(slopes + i);
        return cpu_kernels::VecPair{slope,
                                    slope * (access.load(input + i) - access.load(mean + at))};
      });
      if (dx == nullptr) return;
      // dx = from_dy * dy + from_x * x + constant
      float* const from_dy = scratch.first(s);
      float* const from_x = scratch.second(s);
      float* const constant = scratch.third(s);
      for (std::size_t group = 0; group < s.groups; ++group) {
        const std::size_t first = group * s.width, last = first + s.width;
        double sum = 0.0, product = 0.0;
        for (std::size_t c = first; c < last; ++c) {
          sum += static_cast<double>(gamma[c]) * scratch.sums[c];
          product += static_cast<double>(gamma[c]) * scratch.sums[s.channels + c];
        }
        const auto inverse = static_cast<double>(inverses[group]);
        const double slope = -inverse * inverse * inverse * product / s.count();
        const double rest = -inverse * sum / s.count() - slope * static_cast<double>(means[group]);
        for (std::size_t c = first; c < last; ++c) {
          from_dy[c] = inverses[group] * gamma[c];
          from_x[c] = static_cast<float>(slope);
          constant[c] = static_cast<float>(rest);
        }
      }
      float* const to = dx + image * s.image();
      for_pixels(s, [=](std::size_t at, auto access, std::size_t i) {
        const Vec moved =
            fmadd(access.load(input + i), access.load(from_x + at), access.load(constant + at));
        access.store(to + i, fmadd(access.load(slopes + i), access.load(from_dy + at), moved));
      });
    });
    add_parameter_gradients(images, s, saved, gamma_gradient, beta_gradient, workspace);
  }

 private:
  struct Sizes {
    std::size_t pixels, channels, groups;
    std::size_t width;  // channels of a group

    Sizes(std::size_t pixel_count, int channel_count, int group_count)
        : pixels(pixel_count),
          channels(static_cast<std::size_t>(channel_count)),
          groups(static_cast<std::size_t>(group_count)),
          width(channels / groups) {}

    std::size_t image() const { return pixels * channels; }
    double n() const { return static_cast<double>(pixels); }
    double count() const { return static_cast<double>(pixels * width); }
  };

  /// An image's part of the workspace: two sums for each channel and room for three coefficients.
  struct Scratch {
    double* sums;

    Scratch(float* workspace, std::size_t image, const Sizes& s)
        : sums(reinterpret_cast<double*>(workspace + image * 8 * s.channels)) {}

    float* first(const Sizes& s) const { return reinterpret_cast<float*>(sums + 2 * s.channels); }
    float* second(const Sizes& s) const { return first(s) + s.channels; }
    float* third(const Sizes& s) const { return second(s) + s.channels; }

    template <class Term>
    void sum(const Sizes& s, const Term& term) const {
      std::fill_n(sums, 2 * s.channels, 0.0);
      cpu_kernels::add_row_sums(0, s.pixels, s.channels, term, sums);
    }
  };

  /// Calls body(channel, access, index) for every vector of channels of one image.
  template <class Body>
  static void for_pixels(const Sizes& s, const Body& body) {
    for (std::size_t pixel = 0; pixel < s.pixels; ++pixel)
      for_vectors(0, s.channels,
                  [&](std::size_t at, auto access) { body(at, access, pixel * s.channels + at); });
  }

  /// From the sums that the images left in the workspace, in their order.
  static void add_parameter_gradients(std::size_t images, const Sizes& s, const float* saved,
                                      float* gamma_gradient, float* beta_gradient,
                                      float* workspace) {
    if (gamma_gradient == nullptr) return;
    for (std::size_t c = 0; c < s.channels; ++c) {
      double gamma_sum = 0.0, beta_sum = 0.0;
      for (std::size_t image = 0; image < images; ++image) {
        const Scratch scratch(workspace, image, s);
        const float inverse = saved[(2 * image + 1) * s.groups + c / s.width];
        beta_sum += scratch.sums[c];
        gamma_sum += scratch.sums[s.channels + c] * static_cast<double>(inverse);
      }
      gamma_gradient[c] += static_cast<float>(gamma_sum);
      beta_gradient[c] += static_cast<float>(beta_sum);
    }
  }
};

}  // namespace lamina::inline LAMINA_ISA
