// SPDX-License-Identifier: MIT
#pragma once
// Batch and group normalisation on a device. What is saved from forward to backward is what the CPU saves.

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>

#include "lamina/backend/device/elementwise.hpp"
#include "lamina/backend/device/index.hpp"
#include "lamina/backend/device/sums.hpp"
#include "lamina/core/host_device.hpp"
#include "lamina/core/replica.hpp"
#include "lamina/core/static_value.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina::inline LAMINA_ISA {

namespace device_kernels {

/// (1 - momentum) * running + momentum * now.
LAMINA_HOST_DEVICE inline float moved(float running, double now, double momentum) {
  return static_cast<float>((1.0 - momentum) * static_cast<double>(running) + momentum * now);
}

/// 1 / sqrt(variance + epsilon).
LAMINA_HOST_DEVICE inline float inverse_deviation(double variance, double epsilon) {
  return static_cast<float>(1.0 / std::sqrt(variance + epsilon));
}

/// A value's difference from another, and its square.
LAMINA_HOST_DEVICE inline Pair difference_and_square(float x, float from) {
  const double difference = static_cast<double>(x) - static_cast<double>(from);
  return {difference, difference * difference};
}

/// The mean and the biased variance of n values from sums of their differences from one of them: there is
/// no cancellation where the mean is far from zero.
LAMINA_HOST_DEVICE inline Pair mean_and_variance(const Pair& sums, float from, double n) {
  const double shift = sums.first / n;
  const double variance = sums.second / n - shift * shift;
  return {static_cast<double>(from) + shift, variance < 0.0 ? 0.0 : variance};
}

/// One value of a channel normalised. saved: means and, behind all `c` of them, inverse deviations.
LAMINA_HOST_DEVICE inline float normalised(Index c, Index channel, const float* saved,
                                           const float* gamma, const float* beta, float x) {
  const float scale = saved[c + channel] * gamma[channel];
  return std::fma(x, scale, beta[channel] - saved[channel] * scale);
}

/// The gradient in front of the activation behind normalisation, whose value is computed again rather than read.
template <class Activation>
LAMINA_HOST_DEVICE float slope_before(Index c, Index channel, const float* saved,
                                      const float* gamma, const float* beta, float x, float dy) {
  if constexpr (std::same_as<Activation, NoActivation>) {
    return dy;
  } else {
    using Function = DeviceActivation<Activation>;
    return Function::gradient(
        Function::value(device_kernels::normalised(c, channel, saved, gamma, beta, x)), dy);
  }
}

// What batch normalisation does with a channel's sums over n rows.

/// Of differences from a value and their squares: the statistics.
struct TakeStatistics {
  const float* from;
  float *running_mean, *running_variance, *saved;
  double n, epsilon, momentum;
  std::size_t channels;

  LAMINA_KERNEL void operator()(Index channel, const Pair& sums) const {
    const auto [mean, variance] = mean_and_variance(sums, from[channel], n);
    saved[channel] = static_cast<float>(mean);
    saved[channels + channel] = inverse_deviation(variance, epsilon);
    running_mean[channel] = moved(running_mean[channel], mean, momentum);
    running_variance[channel] =
        moved(running_variance[channel], variance * n / (n - 1.0), momentum);
  }
};

/// Of slopes and of their products with x - mean: the gradients of gamma and beta, which may be null, and
/// the coefficients of dx = from_dy * slope + from_x * x + offset.
struct TakeGradients {
  const float *saved, *gamma;
  float *gamma_gradient, *beta_gradient;
  float *from_dy, *from_x, *offset;
  double n;
  Index channels;
  bool batch_statistics;

  LAMINA_KERNEL void operator()(Index channel, const Pair& sums) const {
    const auto inverse = static_cast<double>(saved[channels + channel]);
    if (gamma_gradient != nullptr)
      gamma_gradient[channel] += static_cast<float>(sums.second * inverse);
    if (beta_gradient != nullptr) beta_gradient[channel] += static_cast<float>(sums.first);
    const double scale = static_cast<double>(gamma[channel]) * inverse;
    const double slope = batch_statistics ? -scale * inverse * inverse * sums.second / n : 0.0;
    const double rest = batch_statistics
                            ? -scale * sums.first / n - slope * static_cast<double>(saved[channel])
                            : 0.0;
    from_dy[channel] = static_cast<float>(scale);
    from_x[channel] = static_cast<float>(slope);
    offset[channel] = static_cast<float>(rest);
  }
};

}  // namespace device_kernels

template <class Device>
struct DeviceNormalise {
  using Index = device_kernels::Index;
  using Pair = device_kernels::Pair;

  static constexpr WorkspaceSize batch_norm_workspace(int channels) {
    // Two sums of doubles and three coefficients of dx.
    return {.fixed = (sizeof(Pair) / sizeof(float) + 3) * static_cast<std::size_t>(channels)};
  }

  template <StaticValue<int> Channels>
  static void batch_norm_statistics(const Shard& images, std::size_t pixels, Channels channels,
                                    double epsilon, double momentum, const float* x,
                                    float* running_mean, float* running_variance, float* saved,
                                    float* workspace) {
    constexpr Index c{Channels::value};
    const auto n = static_cast<double>(images.total * pixels);
    // Replicas have no value of the batch in common.
    const float* const from = images.replica == nullptr ? x : running_mean;
    device_kernels::column_sums<Device>(
        images.replica, images * pixels, channels, reinterpret_cast<Pair*>(workspace),
        [=] LAMINA_KERNEL(Index row, Index channel) {
          return device_kernels::difference_and_square(x[row * c + channel], from[channel]);
        },
        device_kernels::TakeStatistics{from, running_mean, running_variance, saved, n, epsilon,
                                       momentum, c});
  }

  static void batch_norm_use_running(int channels, double epsilon, const float* running_mean,
                                     const float* running_variance, float* saved) {
    const auto c = static_cast<Index>(channels);
    Device::launch(c, [=] LAMINA_KERNEL(Index channel) {
      saved[channel] = running_mean[channel];
      saved[c + channel] = device_kernels::inverse_deviation(
          static_cast<double>(running_variance[channel]), epsilon);
    });
  }

  template <class Activation = NoActivation, StaticValue<int> Channels>
  static void batch_norm_apply(std::size_t images, std::size_t pixels, Channels, const float* saved,
                               const float* gamma, const float* beta, const float* x, float* y,
                               float* /*workspace*/) {
    constexpr Index c{Channels::value};
    Device::launch(images * pixels * c, [=] LAMINA_KERNEL(Index i) {
      const Index channel = i % c;
      y[i] = DeviceActivation<Activation>::value(
          device_kernels::normalised(c, channel, saved, gamma, beta, x[i]));
    });
  }

  template <class Activation = NoActivation, StaticValue<int> Channels>
  static void batch_norm_gradient(const Shard& images, std::size_t pixels, Channels channels,
                                  bool batch_statistics, const float* saved, const float* gamma,
                                  const float* beta, const float* x, const float* dy,
                                  float* gamma_gradient, float* beta_gradient, float* dx,
                                  float* workspace) {
    constexpr Index c{Channels::value};
    const auto n = static_cast<double>(images.total * pixels);
    Replica* const replica = batch_statistics ? images.replica : nullptr;
    // The sums over all replicas are one replica's share of the gradients.
    if (replica != nullptr && replica->rank() > 0) gamma_gradient = beta_gradient = nullptr;
    auto* const all_sums = reinterpret_cast<Pair*>(workspace);
    float* const from_dy = reinterpret_cast<float*>(all_sums + c);
    float* const from_x = from_dy + c;
    float* const offset = from_x + c;
    device_kernels::column_sums<Device>(
        replica, images * pixels, channels, all_sums,
        [=] LAMINA_KERNEL(Index row, Index channel) {
          const Index i = row * c + channel;
          const auto slope = static_cast<double>(device_kernels::slope_before<Activation>(
              c, channel, saved, gamma, beta, x[i], dy[i]));
          return Pair{slope,
                      slope * (static_cast<double>(x[i]) - static_cast<double>(saved[channel]))};
        },
        device_kernels::TakeGradients{saved, gamma, gamma_gradient, beta_gradient, from_dy, from_x,
                                      offset, n, c, batch_statistics});
    if (dx == nullptr) return;
    Device::launch(images * pixels * c, [=] LAMINA_KERNEL(Index i) {
      const Index channel = i % c;
      const float slope =
          device_kernels::slope_before<Activation>(c, channel, saved, gamma, beta, x[i], dy[i]);
      dx[i] = std::fma(slope, from_dy[channel], std::fma(x[i], from_x[channel], offset[channel]));
    });
  }

  static constexpr WorkspaceSize group_norm_workspace(int channels) {
    // Two coefficients for each group, of which there are no more than channels.
    return {.fixed = 0, .per_image = 2 * static_cast<std::size_t>(channels)};
  }

  template <StaticValue<std::size_t> Pixels, StaticValue<int> Channels, StaticValue<int> Groups>
  static void group_norm(std::size_t images, Pixels, Channels, Groups, double epsilon,
                         const float* gamma, const float* beta, const float* x, float* saved,
                         float* y, float* /*workspace*/) {
    using S = GroupSizes<Pixels::value, Channels::value, Groups::value>;
    Device::template reduce<Pair>(
        images * S::groups, S::size,
        [=] LAMINA_KERNEL(Index group, Index i) {
          const std::size_t first = S::first(group);
          return device_kernels::difference_and_square(x[first + S::offset(i)], x[first]);
        },
        [=] LAMINA_KERNEL(Index group, const Pair& sums) {
          const auto n = static_cast<double>(S::size);
          const auto [mean, variance] =
              device_kernels::mean_and_variance(sums, x[S::first(group)], n);
          saved[S::mean_of(group)] = static_cast<float>(mean);
          saved[S::mean_of(group) + S::groups] =
              device_kernels::inverse_deviation(variance, epsilon);
        });
    Device::launch(images * S::image, [=] LAMINA_KERNEL(Index i) {
      const Index channel = i % S::channels;
      const Index mean = S::mean_of(S::group_of(i));
      const float scale = saved[mean + S::groups] * gamma[channel];
      y[i] = std::fma(x[i], scale, beta[channel] - saved[mean] * scale);
    });
  }

  template <StaticValue<std::size_t> Pixels, StaticValue<int> Channels, StaticValue<int> Groups>
  static void group_norm_gradient(std::size_t images, Pixels pixels, Channels channels, Groups,
                                  const float* saved, const float* gamma, const float* x,
                                  const float* dy, float* gamma_gradient, float* beta_gradient,
                                  float* dx, float* workspace) {
    using S = GroupSizes<Pixels::value, Channels::value, Groups::value>;
    if (gamma_gradient != nullptr)
      device_kernels::column_sums<Device>(
          images * pixels, channels,
          [=] LAMINA_KERNEL(Index row, Index channel) {
            const Index i = row * S::channels + channel;
            const Index mean = S::mean_of(S::group_of(i));
            const auto slope = static_cast<double>(dy[i]);
            return Pair{slope, slope *
                                   (static_cast<double>(x[i]) - static_cast<double>(saved[mean])) *
                                   static_cast<double>(saved[mean + S::groups])};
          },
          [=] LAMINA_KERNEL(Index channel, const Pair& sums) {
            gamma_gradient[channel] += static_cast<float>(sums.second);
            beta_gradient[channel] += static_cast<float>(sums.first);
          });
    if (dx == nullptr) return;
    // dx = inverse * gamma * dy + slope * x + rest, with two numbers for each group of an image.
    Device::template reduce<Pair>(
        images * S::groups, S::size,
        [=] LAMINA_KERNEL(Index group, Index i) {
          const std::size_t at = S::first(group) + S::offset(i);
          const double slope =
              static_cast<double>(gamma[at % S::channels]) * static_cast<double>(dy[at]);
          const auto mean = static_cast<double>(saved[S::mean_of(group)]);
          return Pair{slope, slope * (static_cast<double>(x[at]) - mean)};
        },
        [=] LAMINA_KERNEL(Index group, const Pair& sums) {
          const auto n = static_cast<double>(S::size);
          const auto mean = static_cast<double>(saved[S::mean_of(group)]);
          const auto inverse = static_cast<double>(saved[S::mean_of(group) + S::groups]);
          const double slope = -inverse * inverse * inverse * sums.second / n;
          workspace[2 * group] = static_cast<float>(slope);
          workspace[2 * group + 1] = static_cast<float>(-inverse * sums.first / n - slope * mean);
        });
    Device::launch(images * S::image, [=] LAMINA_KERNEL(Index i) {
      const Index group = S::group_of(i);
      const float scale = saved[S::mean_of(group) + S::groups] * gamma[i % S::channels];
      dx[i] =
          std::fma(dy[i], scale, std::fma(x[i], workspace[2 * group], workspace[2 * group + 1]));
    });
  }

  /// Groups are numbered through all images.
  template <Index Pixels, Index Channels, Index Groups>
  struct GroupSizes {
    static constexpr Index channels = Channels, groups = Groups;
    static constexpr Index width = Channels / Groups;  // channels of a group
    static constexpr Index size = Pixels * width;      // values of a group
    static constexpr Index image = Pixels * Channels;

    /// Where a group begins, and how far its value number i is from there.
    LAMINA_HOST_DEVICE static constexpr Index first(Index group) {
      return group / groups * image + group % groups * width;
    }
    LAMINA_HOST_DEVICE static constexpr Index offset(Index i) {
      return i / width * channels + i % width;
    }
    LAMINA_HOST_DEVICE static constexpr Index group_of(Index i) {
      return i / image * groups + i % channels / width;
    }
    /// In the saved values, an image's means and behind them its inverse deviations.
    LAMINA_HOST_DEVICE static constexpr Index mean_of(Index group) {
      return group / groups * 2 * groups + group % groups;
    }
  };
};

}  // namespace lamina::inline LAMINA_ISA
