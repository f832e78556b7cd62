// SPDX-License-Identifier: MIT
#pragma once
// Windowed products (convolutions, transposed convolutions, linear layers in all directions) by plain
// loops in double precision.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <optional>
#include <random>
#include <vector>

#include "lamina/backend/cpu/packing.hpp"
#include "lamina/backend/cpu/winograd.hpp"
#include "lamina/layers/layer.hpp"

namespace window {

using namespace lamina;

/// 64-byte aligned floats; reads past the end are caught by the address sanitizer.
class Floats {
 public:
  explicit Floats(std::size_t size)
      : size_(size),
        data_(static_cast<float*>(
            ::operator new((std::max)(size, std::size_t{1}) * sizeof(float), alignment))) {
    std::fill_n(data_, size_, 0.0F);
  }
  Floats(const Floats& other) : Floats(other.size_) { std::copy_n(other.data_, size_, data_); }
  Floats& operator=(const Floats&) = delete;
  ~Floats() { ::operator delete(data_, alignment); }

  std::size_t size() const { return size_; }
  float* data() { return data_; }
  const float* data() const { return data_; }
  float& operator[](std::size_t i) { return data_[i]; }
  float operator[](std::size_t i) const { return data_[i]; }

 private:
  static constexpr std::align_val_t alignment{64};
  std::size_t size_;
  float* data_;
};

inline Floats random_floats(std::size_t size, std::uint32_t seed) {
  Floats values(size);
  std::mt19937 engine{seed};
  std::normal_distribution<float> normal;
  std::generate_n(values.data(), size, [&] { return normal(engine); });
  return values;
}

inline bool same_bits(const float* a, const float* b, std::size_t size) {
  return std::memcmp(a, b, size * sizeof(float)) == 0;
}

inline std::size_t as_size(std::ptrdiff_t value) {
  return static_cast<std::size_t>(value);
}

/// Random data for one geometry: images, weights in the plain order and as they are packed.
template <WindowGeometry G>
struct Arrays {
  static constexpr PackedLayout small_lanes = gather_layout(G);
  static constexpr PackedLayout big_lanes = scatter_layout(G);

  explicit Arrays(int batch)
      : n(batch),
        big(random_floats(as_size(n * G.big_size()), 1)),
        small(random_floats(as_size(n * G.small_size()), 2)),
        plain_weights(random_floats(
            as_size(G.taps() * std::ptrdiff_t{G.big_channels} * G.small_channels), 3)),
        small_bias(random_floats(as_size(G.small_channels), 4)),
        big_bias(random_floats(as_size(G.big_channels), 5)),
        gather_weights(small_lanes.size()),
        scatter_weights(big_lanes.size()) {
    for (int tap = 0; tap < G.taps(); ++tap) {
      for (int c = 0; c < G.big_channels; ++c) {
        for (int o = 0; o < G.small_channels; ++o) {
          const float w = plain_weights[plain(tap, c, o)];
          gather_weights[small_lanes.offset(tap, c, o)] = w;
          scatter_weights[big_lanes.offset(tap, o, c)] = w;
        }
      }
    }
  }

  static std::size_t plain(int tap, int c, int o) {
    return as_size((std::ptrdiff_t{tap} * G.big_channels + c) * G.small_channels + o);
  }

  int n;
  Floats big, small, plain_weights, small_bias, big_bias;
  Floats gather_weights, scatter_weights;
};

/// What plain loops make of such data.
template <WindowGeometry G>
struct Reference : Arrays<G> {
  using Arrays<G>::big, Arrays<G>::small, Arrays<G>::plain_weights, Arrays<G>::small_bias,
      Arrays<G>::big_bias, Arrays<G>::n, Arrays<G>::plain;

  explicit Reference(int batch)
      : Arrays<G>(batch),
        gathered(small.size()),
        scattered(big.size()),
        weight_gradient(plain_weights.size()),
        gather_scale(small.size(), 1.0),
        scatter_scale(big.size(), 1.0),
        weight_scale(plain_weights.size(), 1.0) {
    compute();
  }

  void compute() {
    for (std::size_t i = 0; i < gathered.size(); ++i) {
      gathered[i] = static_cast<double>(small_bias[i % as_size(G.small_channels)]);
    }
    for (std::size_t i = 0; i < scattered.size(); ++i) {
      scattered[i] = static_cast<double>(big_bias[i % as_size(G.big_channels)]);
    }
    for (int image = 0; image < n; ++image) {
      for (int y = 0; y < G.small_height; ++y) {
        for (int x = 0; x < G.small_width; ++x) {
          for (int tap = 0; tap < G.taps(); ++tap) {
            const int big_y = y * G.stride + tap / G.kernel - G.padding;
            const int big_x = x * G.stride + tap % G.kernel - G.padding;
            if (big_y < 0 || big_x < 0 || big_y >= G.big_height || big_x >= G.big_width) continue;
            const std::size_t s =
                as_size(image * G.small_size() + (y * G.small_width + x) * G.small_channels);
            const std::size_t b =
                as_size(image * G.big_size() + (big_y * G.big_width + big_x) * G.big_channels);
            add_tap(tap, s, b);
          }
        }
      }
    }
    if constexpr (cpu_kernels::winograd_fits(G)) {
      spread(gather_scale, as_size(n));
      spread(scatter_scale, as_size(n));
      spread(weight_scale, 1);
    }
  }

  /// What is rounded at a point reaches all outputs of its tile, those in a corner too, which are sums of few terms:
  /// each of `parts` is measured by its largest sum.
  static void spread(std::vector<double>& scale, std::size_t parts) {
    const auto size = static_cast<std::ptrdiff_t>(scale.size() / parts);
    for (auto part = scale.begin(); part != scale.end(); part += size)
      std::fill(part, part + size, *std::max_element(part, part + size));
  }

  void add_tap(int tap, std::size_t s, std::size_t b) {
    for (int c = 0; c < G.big_channels; ++c) {
      for (int o = 0; o < G.small_channels; ++o) {
        const std::size_t so = s + as_size(o);
        const std::size_t bc = b + as_size(c);
        const std::size_t w = plain(tap, c, o);
        add(gathered[so], gather_scale[so], big[bc], plain_weights[w]);
        add(scattered[bc], scatter_scale[bc], small[so], plain_weights[w]);
        add(weight_gradient[w], weight_scale[w], big[bc], small[so]);
      }
    }
  }

  static void add(double& sum, double& scale, float a, float b) {
    const double term = static_cast<double>(a) * static_cast<double>(b);
    sum += term;
    scale += std::fabs(term);
  }

  std::vector<double> gathered, scattered, weight_gradient;
  std::vector<double> gather_scale, scatter_scale, weight_scale;  // sums of absolute terms
};

/// A chain of m rounded operations is off by at most m * 2^-24 of the sum of its absolute terms;
/// roundings cancel mostly, so that 2^-20 of it holds for the chains here (up to 6,300 terms).
inline constexpr double tolerance = 1.0 / (1 << 20);

/// Where a result is first farther from what is expected than the tolerance.
inline std::optional<std::size_t> first_far(const std::vector<double>& expected,
                                            const std::vector<double>& scale, const Floats& got) {
  for (std::size_t i = 0; i < expected.size(); ++i)
    if (!(std::fabs(static_cast<double>(got[i]) - expected[i]) <= tolerance * scale[i])) return i;
  return std::nullopt;
}

/// A packed gradient of the weights in the plain order.
template <WindowGeometry G, LanesAre Along>
Floats unpacked(const Floats& packed) {
  constexpr PackedLayout layout = weight_layout(G, Along);
  Floats plain(as_size(G.taps() * std::ptrdiff_t{G.big_channels} * G.small_channels));
  for (int tap = 0; tap < G.taps(); ++tap)
    for (int c = 0; c < G.big_channels; ++c)
      for (int o = 0; o < G.small_channels; ++o)
        plain[Arrays<G>::plain(tap, c, o)] =
            packed[Along == LanesAre::small ? layout.offset(tap, c, o) : layout.offset(tap, o, c)];
  return plain;
}

}  // namespace window
