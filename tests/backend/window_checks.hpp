// SPDX-License-Identifier: MIT
#pragma once
// The CPU backend's windowed products against plain loops in double precision: the checks that
// each geometry must pass, for several batches and thread counts.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/backend/cpu/bias_gradient.hpp"
#include "lamina/backend/cpu/gather.hpp"
#include "lamina/backend/cpu/input_gradient.hpp"
#include "lamina/backend/cpu/packing.hpp"
#include "lamina/backend/cpu/scatter.hpp"
#include "lamina/backend/cpu/weight_gradient.hpp"

#include "reference/window.hpp"
#include "support/with_threads.hpp"

namespace window {

using namespace lamina;

inline void expect_close(const std::vector<double>& expected, const std::vector<double>& scale,
                         const Floats& got, const char* what) {
  if (const auto i = first_far(expected, scale, got))
    FAIL() << what << " at " << *i << ": expected " << expected[*i] << ", got " << got[*i];
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

template <WindowGeometry G, LanesAre Along>
void run_weight_gradient(const Reference<G>& reference, Floats& gradient) {
  Floats workspace(weight_gradient_workspace<G, Along>().of(as_size(reference.n)));
  weight_gradient<G, Along>(reference.n, reference.big.data(), reference.small.data(),
                            gradient.data(), workspace.data());
}

template <WindowGeometry G>
void run_gather(int n, const float* big, const float* weights, const float* bias, float* small) {
  Floats workspace(gather_workspace<G>().of(as_size(n)));
  gather<G>(n, big, weights, bias, small, workspace.data());
}

template <WindowGeometry G>
void run_scatter(int n, const float* small, const float* weights, const float* bias, float* big) {
  Floats workspace(scatter_workspace<G>().of(as_size(n)));
  scatter<G>(n, small, weights, bias, big, workspace.data());
}

/// From the weights of the opposite direction: the bits of that direction with weights that were exchanged before.
template <WindowGeometry G, LanesAre Along>
void check_input_gradient(int n, const Floats& dy, const Floats& weights, const Floats& expected) {
  for (const int threads : {1, 2, 5}) {
    const support::WithThreads with(threads);
    Floats dx = random_floats(expected.size(), 8);
    Floats workspace(input_gradient_workspace<G, Along>().of(as_size(n)));
    input_gradient<G, Along>(n, dy.data(), weights.data(), dx.data(), workspace.data());
    EXPECT_TRUE(same_bits(dx.data(), expected.data(), dx.size())) << threads << " threads";
  }
}

template <WindowGeometry G>
void check_products(int n) {
  SCOPED_TRACE("batch " + std::to_string(n));
  const Reference<G> reference(n);
  Floats gathered(reference.small.size());
  Floats scattered(reference.big.size());
  const auto run = [&] {
    run_gather<G>(n, reference.big.data(), reference.gather_weights.data(),
                  reference.small_bias.data(), gathered.data());
    run_scatter<G>(n, reference.small.data(), reference.scatter_weights.data(),
                   reference.big_bias.data(), scattered.data());
  };
  run();
  expect_close(reference.gathered, reference.gather_scale, gathered, "gather");
  expect_close(reference.scattered, reference.scatter_scale, scattered, "scatter");

  const Floats gathered_before(gathered);
  const Floats scattered_before(scattered);
  for (const int threads : {1, 2, 5}) {
    const support::WithThreads with(threads);
    run();
    EXPECT_TRUE(same_bits(gathered.data(), gathered_before.data(), gathered.size())) << threads;
    EXPECT_TRUE(same_bits(scattered.data(), scattered_before.data(), scattered.size())) << threads;
  }
  run_gather<G>(n, reference.big.data(), reference.gather_weights.data(), nullptr, gathered.data());
  check_input_gradient<G, LanesAre::big>(n, reference.big, reference.scatter_weights, gathered);
  run_scatter<G>(n, reference.small.data(), reference.scatter_weights.data(), nullptr,
                 scattered.data());
  check_input_gradient<G, LanesAre::small>(n, reference.small, reference.gather_weights, scattered);

  // The last image alone has the bits that it has in the batch.
  run();
  Floats small_image(as_size(G.small_size()));
  Floats big_image(as_size(G.big_size()));
  run_gather<G>(1, reference.big.data() + (n - 1) * G.big_size(), reference.gather_weights.data(),
                reference.small_bias.data(), small_image.data());
  run_scatter<G>(1, reference.small.data() + (n - 1) * G.small_size(),
                 reference.scatter_weights.data(), reference.big_bias.data(), big_image.data());
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
  expect_close(reference.weight_gradient, reference.weight_scale, unpacked<G, Along>(gradient),
               "gradient");
  expect_unused_zero(layout, gradient, "gradient");

  for (const int threads : {1, 2, 5}) {
    const support::WithThreads with(threads);
    Floats again(layout.size());
    run_weight_gradient<G, Along>(reference, again);
    EXPECT_TRUE(same_bits(again.data(), gradient.data(), again.size())) << threads;
  }
  // A second call adds.
  run_weight_gradient<G, Along>(reference, gradient);
  std::vector<double> twice(reference.weight_gradient);
  std::vector<double> scale(reference.weight_scale);
  for (double& value : twice)
    value *= 2;
  for (double& value : scale)
    value *= 2;
  expect_close(twice, scale, unpacked<G, Along>(gradient), "gradient after two calls");
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
  run_gather<G>(2, reference.big.data(), reference.gather_weights.data(), nullptr, gathered.data());
  run_scatter<G>(2, reference.small.data(), reference.scatter_weights.data(), nullptr,
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
