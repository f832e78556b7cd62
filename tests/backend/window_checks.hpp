// SPDX-License-Identifier: MIT
#pragma once
// The CPU backend's windowed products against plain loops in double precision: the checks that
// each geometry must pass, for several batches and thread counts.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <omp.h>

#include "lamina/backend/cpu/bias_gradient.hpp"
#include "lamina/backend/cpu/gather.hpp"
#include "lamina/backend/cpu/packing.hpp"
#include "lamina/backend/cpu/scatter.hpp"
#include "lamina/backend/cpu/weight_gradient.hpp"

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

/// Random data for one geometry and what plain loops make of it.
template <WindowGeometry G>
struct Reference {
  static constexpr PackedLayout small_lanes = gather_layout(G);
  static constexpr PackedLayout big_lanes = scatter_layout(G);

  explicit Reference(int batch)
      : n(batch),
        big(random_floats(as_size(n * G.big_size()), 1)),
        small(random_floats(as_size(n * G.small_size()), 2)),
        plain_weights(random_floats(
            as_size(G.taps() * std::ptrdiff_t{G.big_channels} * G.small_channels), 3)),
        small_bias(random_floats(as_size(G.small_channels), 4)),
        big_bias(random_floats(as_size(G.big_channels), 5)),
        gather_weights(small_lanes.size()),
        scatter_weights(big_lanes.size()),
        gathered(small.size()),
        scattered(big.size()),
        weight_gradient(plain_weights.size()),
        gather_scale(small.size(), 1.0),
        scatter_scale(big.size(), 1.0),
        weight_scale(plain_weights.size(), 1.0) {
    for (int tap = 0; tap < G.taps(); ++tap) {
      for (int c = 0; c < G.big_channels; ++c) {
        for (int o = 0; o < G.small_channels; ++o) {
          const float w = plain_weights[plain(tap, c, o)];
          gather_weights[small_lanes.offset(tap, c, o)] = w;
          scatter_weights[big_lanes.offset(tap, o, c)] = w;
        }
      }
    }
    compute();
  }

  static std::size_t plain(int tap, int c, int o) {
    return as_size((std::ptrdiff_t{tap} * G.big_channels + c) * G.small_channels + o);
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

  int n;
  Floats big, small, plain_weights, small_bias, big_bias;
  Floats gather_weights, scatter_weights;
  std::vector<double> gathered, scattered, weight_gradient;
  std::vector<double> gather_scale, scatter_scale, weight_scale;  // sums of absolute terms
};

/// A chain of m rounded operations is off by at most m * 2^-24 of the sum of its absolute terms;
/// roundings cancel mostly, so that 2^-20 of it holds for the chains here (up to 6,300 terms).
inline constexpr double tolerance = 1.0 / (1 << 20);

inline void expect_close(const std::vector<double>& expected, const std::vector<double>& scale,
                         const float* got, const char* what) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double error = std::fabs(static_cast<double>(got[i]) - expected[i]);
    ASSERT_TRUE(error <= tolerance * scale[i])
        << what << " at " << i << ": expected " << expected[i] << ", got " << got[i];
  }
}

/// Every float of a packed layout that is no weight is zero.
inline void expect_unused_zero(const PackedLayout& layout, const Floats& packed, const char* what) {
  std::vector<bool> used(layout.size(), false);
  for (int tap = 0; tap < layout.taps; ++tap) {
    for (int row = 0; row < layout.rows; ++row) {
      for (int lane = 0; lane < layout.lane_channels; ++lane) {
        const std::size_t at = layout.offset(tap, row, lane);
        ASSERT_LT(at, layout.size()) << what;
        ASSERT_FALSE(used[at]) << what << ": two weights at " << at;
        used[at] = true;
      }
    }
  }
  for (std::size_t i = 0; i < used.size(); ++i) {
    ASSERT_TRUE(used[i] || packed[i] == 0.0F) << what << ": " << packed[i] << " at " << i;
  }
}

/// Restores the number of threads.
class Threads {
 public:
  explicit Threads(int count) : before_(omp_get_max_threads()) { omp_set_num_threads(count); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() { omp_set_num_threads(before_); }

 private:
  int before_;
};

template <WindowGeometry G, LanesAre Along>
void run_weight_gradient(const Reference<G>& reference, Floats& gradient) {
  Floats workspace(weight_gradient_workspace<G, Along>());
  weight_gradient<G, Along>(reference.n, reference.big.data(), reference.small.data(),
                            gradient.data(), workspace.data());
}

template <WindowGeometry G>
void check_products(int n) {
  SCOPED_TRACE("batch " + std::to_string(n));
  const Reference<G> reference(n);
  Floats gathered(reference.small.size());
  Floats scattered(reference.big.size());
  const auto run = [&] {
    gather<G>(n, reference.big.data(), reference.gather_weights.data(), reference.small_bias.data(),
              gathered.data());
    scatter<G>(n, reference.small.data(), reference.scatter_weights.data(),
               reference.big_bias.data(), scattered.data());
  };
  run();
  expect_close(reference.gathered, reference.gather_scale, gathered.data(), "gather");
  expect_close(reference.scattered, reference.scatter_scale, scattered.data(), "scatter");

  const Floats gathered_before(gathered);
  const Floats scattered_before(scattered);
  for (const int threads : {1, 2, 5}) {
    const Threads set(threads);
    run();
    EXPECT_TRUE(same_bits(gathered.data(), gathered_before.data(), gathered.size())) << threads;
    EXPECT_TRUE(same_bits(scattered.data(), scattered_before.data(), scattered.size())) << threads;
  }
  // The last image alone has the bits that it has in the batch.
  Floats small_image(as_size(G.small_size()));
  Floats big_image(as_size(G.big_size()));
  gather<G>(1, reference.big.data() + (n - 1) * G.big_size(), reference.gather_weights.data(),
            reference.small_bias.data(), small_image.data());
  scatter<G>(1, reference.small.data() + (n - 1) * G.small_size(), reference.scatter_weights.data(),
             reference.big_bias.data(), big_image.data());
  EXPECT_TRUE(same_bits(small_image.data(), gathered.data() + (n - 1) * G.small_size(),
                        small_image.size()));
  EXPECT_TRUE(
      same_bits(big_image.data(), scattered.data() + (n - 1) * G.big_size(), big_image.size()));
}

template <WindowGeometry G, LanesAre Along>
void check_weight_gradient(int n) {
  SCOPED_TRACE((Along == LanesAre::small ? "small lanes, batch " : "big lanes, batch ") +
               std::to_string(n));
  constexpr PackedLayout layout = weight_layout(G, Along);
  const Reference<G> reference(n);
  Floats gradient(layout.size());
  run_weight_gradient<G, Along>(reference, gradient);
  std::vector<float> plain(reference.weight_gradient.size());
  const auto unpack = [&] {
    for (int tap = 0; tap < G.taps(); ++tap) {
      for (int c = 0; c < G.big_channels; ++c) {
        for (int o = 0; o < G.small_channels; ++o) {
          plain[reference.plain(tap, c, o)] =
              gradient[Along == LanesAre::small ? layout.offset(tap, c, o)
                                                : layout.offset(tap, o, c)];
        }
      }
    }
  };
  unpack();
  expect_close(reference.weight_gradient, reference.weight_scale, plain.data(), "gradient");
  expect_unused_zero(layout, gradient, "gradient");

  for (const int threads : {1, 2, 5}) {
    const Threads set(threads);
    Floats again(layout.size());
    run_weight_gradient<G, Along>(reference, again);
    EXPECT_TRUE(same_bits(again.data(), gradient.data(), again.size())) << threads;
  }
  // A second call adds.
  run_weight_gradient<G, Along>(reference, gradient);
  unpack();
  std::vector<double> twice(reference.weight_gradient);
  std::vector<double> scale(reference.weight_scale);
  for (double& value : twice)
    value *= 2;
  for (double& value : scale)
    value *= 2;
  expect_close(twice, scale, plain.data(), "gradient after two calls");
}

template <WindowGeometry G>
void check_packing() {
  const Reference<G> reference(1);
  expect_unused_zero(reference.small_lanes, reference.gather_weights, "gather weights");
  expect_unused_zero(reference.big_lanes, reference.scatter_weights, "scatter weights");
  Floats there = random_floats(reference.big_lanes.size(), 6);
  transpose(reference.small_lanes, reference.gather_weights.data(), there.data());
  EXPECT_TRUE(same_bits(there.data(), reference.scatter_weights.data(), there.size()));
  Floats back = random_floats(reference.small_lanes.size(), 7);
  transpose(reference.big_lanes, there.data(), back.data());
  EXPECT_TRUE(same_bits(back.data(), reference.gather_weights.data(), back.size()));
}

/// A NaN in one image reaches neither other images nor unused lanes of a gradient.
template <WindowGeometry G>
void check_nan_stays() {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  Reference<G> reference(2);
  std::fill_n(reference.big.data(), G.big_size(), nan);
  std::fill_n(reference.small.data(), G.small_size(), nan);
  Floats gathered(reference.small.size());
  Floats scattered(reference.big.size());
  gather<G>(2, reference.big.data(), reference.gather_weights.data(), nullptr, gathered.data());
  scatter<G>(2, reference.small.data(), reference.scatter_weights.data(), nullptr,
             scattered.data());
  for (auto i = as_size(G.small_size()); i < gathered.size(); ++i) {
    ASSERT_FALSE(std::isnan(gathered[i])) << i;
  }
  for (auto i = as_size(G.big_size()); i < scattered.size(); ++i) {
    ASSERT_FALSE(std::isnan(scattered[i])) << i;
  }
  Floats small_gradient(reference.small_lanes.size());
  run_weight_gradient<G, LanesAre::small>(reference, small_gradient);
  expect_unused_zero(reference.small_lanes, small_gradient, "small lanes");
  Floats big_gradient(reference.big_lanes.size());
  run_weight_gradient<G, LanesAre::big>(reference, big_gradient);
  expect_unused_zero(reference.big_lanes, big_gradient, "big lanes");
}

template <WindowGeometry G>
struct Case {
  static constexpr WindowGeometry geometry = G;
};

template <class C>
class CpuWindow : public testing::Test {};

TYPED_TEST_SUITE_P(CpuWindow);

TYPED_TEST_P(CpuWindow, GatherAndScatterMatchPlainLoops) {
  for (const int n : {1, 2, 5, 20})
    check_products<TypeParam::geometry>(n);
}

TYPED_TEST_P(CpuWindow, WeightGradientMatchesPlainLoopsWithSmallLanes) {
  for (const int n : {1, 2, 5, 20})
    check_weight_gradient<TypeParam::geometry, LanesAre::small>(n);
}

TYPED_TEST_P(CpuWindow, WeightGradientMatchesPlainLoopsWithBigLanes) {
  for (const int n : {1, 2, 5, 20})
    check_weight_gradient<TypeParam::geometry, LanesAre::big>(n);
}

TYPED_TEST_P(CpuWindow, PackedWeightsTransposeThereAndBack) {
  check_packing<TypeParam::geometry>();
}

TYPED_TEST_P(CpuWindow, NanStaysInItsImageAndOutOfUnusedLanes) {
  check_nan_stays<TypeParam::geometry>();
}

REGISTER_TYPED_TEST_SUITE_P(CpuWindow, GatherAndScatterMatchPlainLoops,
                            WeightGradientMatchesPlainLoopsWithSmallLanes,
                            WeightGradientMatchesPlainLoopsWithBigLanes,
                            PackedWeightsTransposeThereAndBack,
                            NanStaysInItsImageAndOutOfUnusedLanes);

}  // namespace window
