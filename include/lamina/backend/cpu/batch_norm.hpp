// SPDX-License-Identifier: MIT
#pragma once
// Batch normalisation on the CPU. A batch is seen as rows (N * H * W) of C channels. Sums over rows
// are taken in a fixed number of parts, so that they do not depend on the number of threads.

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>

#include "lamina/backend/cpu/activation.hpp"
#include "lamina/backend/cpu/row_sums.hpp"
#include "lamina/backend/cpu/vector_loop.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina::inline LAMINA_ISA {

struct CpuBatchNorm {
  static constexpr WorkspaceSize batch_norm_workspace(int channels) {
    const auto c = static_cast<std::size_t>(channels);
    // Two double sums for each part and channel, and five coefficients for each channel.
    return {.fixed = 2 * parts * 2 * c + 5 * c};
  }

  /// saved = (mean, 1 / sqrt(biased variance + epsilon)) of the batch; moves the running statistics.
  static void batch_norm_statistics(std::size_t images, std::size_t pixels, int channels,
                                    double epsilon, double momentum, const float* x,
                                    float* running_mean, float* running_variance, float* saved,
                                    float* workspace) {
    const std::size_t rows = images * pixels;
    const auto c = static_cast<std::size_t>(channels);
    // Sums of differences from the first row: no cancellation when the mean is far from zero.
    double* const sums = sum_rows(rows, c, workspace, [=](std::size_t at, auto access, auto row) {
      const Vec difference = access.load(x + row * c + at) - access.load(x + at);
      return cpu_kernels::VecPair{difference, difference * difference};
    });
    const auto n = static_cast<double>(rows);
    for (std::size_t i = 0; i < c; ++i) {
      const double shift = sums[i] / n;
      const double mean = static_cast<double>(x[i]) + shift;
      const double variance = (std::max)(sums[c + i] / n - shift * shift, 0.0);
      saved[i] = static_cast<float>(mean);
      saved[c + i] = static_cast<float>(1.0 / std::sqrt(variance + epsilon));
      running_mean[i] = moved(running_mean[i], mean, momentum);
      running_variance[i] = moved(running_variance[i], variance * n / (n - 1.0), momentum);
    }
  }

  static void batch_norm_use_running(int channels, double epsilon, const float* running_mean,
                                     const float* running_variance, float* saved) {
    const auto c = static_cast<std::size_t>(channels);
    for (std::size_t i = 0; i < c; ++i) {
      saved[i] = running_mean[i];
      saved[c + i] =
          static_cast<float>(1.0 / std::sqrt(static_cast<double>(running_variance[i]) + epsilon));
    }
  }

  /// y = Activation((x - mean) * inverse deviation * gamma + beta).
  template <class Activation = NoActivation>
  static void batch_norm_apply(std::size_t images, std::size_t pixels, int channels,
                               const float* saved, const float* gamma, const float* beta,
                               const float* x, float* y, float* workspace) {
    const auto c = static_cast<std::size_t>(channels);
    float* const scale = workspace;
    float* const offset = workspace + c;
    find_line(c, saved, gamma, beta, scale, offset);
    for_rows(images * pixels, c, [=](std::size_t at, auto access) {
      return [=, factor = access.load(scale + at),
              summand = access.load(offset + at)](std::size_t row) {
        const std::size_t i = row * c + at;
        const Vec value = fmadd(access.load(x + i), factor, summand);
        access.store(y + i, CpuActivation<Activation>::value(value));
      };
    });
  }

  /// d gamma and d beta accumulate; dx, unless null, is overwritten and may be dy, the gradient behind the
  /// activation.
  template <class Activation = NoActivation>
  static void batch_norm_gradient(std::size_t images, std::size_t pixels, int channels,
                                  bool batch_statistics, const float* saved, const float* gamma,
                                  const float* beta, const float* x, const float* dy,
                                  float* gamma_gradient, float* beta_gradient, float* dx,
                                  float* workspace) {
    const std::size_t rows = images * pixels;
    const auto c = static_cast<std::size_t>(channels);
    // dx = from_dy * slope + from_x * x + constant
    float* const from_dy = workspace + 4 * parts * c;
    float* const from_x = from_dy + c;
    float* const constant = from_x + c;
    float* const scale = constant + c;
    float* const offset = scale + c;
    find_line(c, saved, gamma, beta, scale, offset);
    // The gradient in front of the activation, whose value is computed again rather than read.
    const auto in_front = [](const Vec& slope, const Vec& value, const Vec& factor,
                             const Vec& summand) {
      if constexpr (std::same_as<Activation, NoActivation>) {
        return slope;
      } else {
        using Function = CpuActivation<Activation>;
        return Function::gradient(Function::value(fmadd(value, factor, summand)), slope);
      }
    };
    double* const sums = sum_rows(rows, c, workspace, [=](std::size_t at, auto access, auto row) {
      const std::size_t i = row * c + at;
      const Vec value = access.load(x + i);
      const Vec slope =
          in_front(access.load(dy + i), value, access.load(scale + at), access.load(offset + at));
      return cpu_kernels::VecPair{slope, slope * (value - access.load(saved + at))};
    });
    const auto n = static_cast<double>(rows);
    for (std::size_t i = 0; i < c; ++i) {
      const auto inverse = static_cast<double>(saved[c + i]);
      if (gamma_gradient != nullptr) gamma_gradient[i] += static_cast<float>(sums[c + i] * inverse);
      if (beta_gradient != nullptr) beta_gradient[i] += static_cast<float>(sums[i]);
      const double factor = static_cast<double>(gamma[i]) * inverse;
      const double slope = batch_statistics ? -factor * inverse * inverse * sums[c + i] / n : 0.0;
      from_dy[i] = static_cast<float>(factor);
      from_x[i] = static_cast<float>(slope);
      constant[i] =
          batch_statistics
              ? static_cast<float>(-factor * sums[i] / n - slope * static_cast<double>(saved[i]))
              : 0.0F;
    }
    if (dx == nullptr) return;
    for_rows(rows, c, [=](std::size_t at, auto access) {
      return [=, factor = access.load(scale + at), summand = access.load(offset + at),
              of_dy = access.load(from_dy + at), of_x = access.load(from_x + at),
              rest = access.load(constant + at)](std::size_t row) {
        const std::size_t i = row * c + at;
        const Vec value = access.load(x + i);
        const Vec slope = in_front(access.load(dy + i), value, factor, summand);
        access.store(dx + i, fmadd(slope, of_dy, fmadd(value, of_x, rest)));
      };
    });
  }

 private:
  static constexpr std::size_t parts = 32;

  static float moved(float running, double now, double momentum) {
    return static_cast<float>((1.0 - momentum) * static_cast<double>(running) + momentum * now);
  }

  /// Normalisation as x * scale + offset.
  static void find_line(std::size_t c, const float* saved, const float* gamma, const float* beta,
                        float* scale, float* offset) {
    for (std::size_t i = 0; i < c; ++i) {
      scale[i] = saved[c + i] * gamma[i];
      offset[i] = beta[i] - saved[i] * scale[i];
    }
  }

  /// Calls of_channels(channel, access)(row) for every vector of channels of every row, on all threads. What is the
  /// same in all rows is loaded once for a few of them.
  template <class OfChannels>
  static void for_rows(std::size_t rows, std::size_t channels, const OfChannels& of_channels) {
    constexpr std::size_t few = 8;
    const std::size_t chunk = (std::max<std::size_t>)(1, 8192 / channels);
    for_parts((rows + chunk - 1) / chunk, rows * channels, [&](std::size_t part) {
      const std::size_t end = (std::min)(rows, (part + 1) * chunk);
      for (std::size_t first = part * chunk; first < end; first += few)
        for_few_rows(first, (std::min)(end, first + few), channels, of_channels);
    });
  }

  /// Two vectors side by side, then what is left of a row.
  template <class OfChannels>
  static void for_few_rows(std::size_t first, std::size_t last, std::size_t channels,
                           const OfChannels& of_channels) {
    constexpr auto vector = static_cast<std::size_t>(lanes);
    std::size_t at = 0;
    for (; at + 2 * vector <= channels; at += 2 * vector) {
      const auto of_row = of_channels(at, WholeVector{});
      const auto beside = of_channels(at + vector, WholeVector{});
      for (std::size_t row = first; row < last; ++row) {
        of_row(row);
        beside(row);
      }
    }
    for_vectors(at, channels, [&](std::size_t rest, auto access) {
      const auto of_row = of_channels(rest, access);
      for (std::size_t row = first; row < last; ++row)
        of_row(row);
    });
  }

  /// Sums the pair term(channel, access, row) over all rows: first sums in result[0 ... c), second
  /// sums behind them. The result lies at the start of the workspace.
  template <class Term>
  static double* sum_rows(std::size_t rows, std::size_t c, float* workspace, const Term& term) {
    auto* const sums = reinterpret_cast<double*>(workspace);
    const std::size_t part_rows = (rows + parts - 1) / parts;
    for_parts(parts, rows * c, [&](std::size_t part) {
      double* const mine = sums + part * 2 * c;
      std::fill_n(mine, 2 * c, 0.0);
      const std::size_t end = (std::min)(rows, (part + 1) * part_rows);
      cpu_kernels::add_row_sums(part * part_rows, end, c, term, mine);
    });
    for (std::size_t part = 1; part < parts; ++part)
      for (std::size_t i = 0; i < 2 * c; ++i)
        sums[i] += sums[part * 2 * c + i];
    return sums;
  }
};

}  // namespace lamina::inline LAMINA_ISA
