// SPDX-License-Identifier: MIT
// Awkward geometries.

#include "backend/window_checks.hpp"

namespace window {
namespace {

using Geometries = testing::Types<
    // Linear layers, wide, narrow and odd.
    Case<linear_geometry(100, 10)>, Case<linear_geometry(3, 70)>, Case<linear_geometry(300, 1)>,
    Case<linear_geometry(1, 1)>, Case<linear_geometry(65, 33)>, Case<linear_geometry(9, 1030)>,
    // Odd widths, channels that fill no vector, strides past the kernel, padding past the kernel.
    Case<conv2d_geometry(9, 13, 20, 37, 3, 1, 1)>, Case<conv2d_geometry(10, 6, 5, 100, 5, 3, 4)>,
    Case<conv2d_geometry(10, 11, 33, 3, 2, 3, 1)>, Case<conv2d_geometry(2, 3, 17, 3, 5, 1, 3)>,
    Case<conv2d_geometry(11, 17, 2, 2, 3, 2, 2)>, Case<conv2d_geometry(5, 5, 1, 1, 3, 1, 0)>,
    Case<conv2d_geometry(1, 1, 20, 24, 3, 1, 1)>, Case<conv2d_geometry(2, 2, 48, 16, 3, 1, 1)>,
    Case<conv2d_geometry(12, 29, 16, 16, 5, 1, 2)>, Case<conv2d_geometry(15, 15, 3, 20, 7, 2, 3)>,
    Case<conv2d_geometry(6, 9, 8, 50, 1, 1, 0)>, Case<conv2d_geometry(9, 9, 12, 10, 1, 4, 0)>,
    Case<conv2d_geometry(7, 5, 6, 7, 2, 2, 5)>, Case<conv2d_geometry(4, 4, 80, 2, 4, 1, 0)>,
    Case<conv2d_geometry(4, 4, 4, 1, 4, 1, 0)>, Case<conv2d_geometry(3, 3, 2, 3, 3, 1, 0)>,
    Case<conv2d_geometry(3, 3, 20, 37, 3, 1, 0)>, Case<conv2d_geometry(3, 40, 4, 4, 3, 1, 1)>,
    Case<conv2d_geometry(1, 8, 66, 4, 1, 2, 0)>,
    Case<conv_transpose2d_geometry(3, 4, 10, 6, 2, 5, 0, 3)>,
    Case<conv_transpose2d_geometry(4, 3, 1, 33, 5, 3, 2, 1)>,
    Case<conv_transpose2d_geometry(6, 5, 70, 4, 3, 1, 1, 0)>,
    Case<conv_transpose2d_geometry(1, 1, 30, 3, 4, 1, 0, 0)>,
    // One pixel against one tap, which misses the image, is not the first or not the only one of its image.
    Case<conv2d_geometry(2, 2, 130, 16, 1, 2, 0)>, Case<conv2d_geometry(2, 2, 130, 16, 2, 2, 1)>,
    Case<conv2d_geometry(1, 1, 8, 130, 1, 3, 1)>, Case<conv2d_geometry(1, 1, 130, 140, 1, 1, 1)>,
    Case<conv_transpose2d_geometry(1, 1, 20, 130, 2, 3, 0, 1)>,
    // Phases without pixels.
    Case<conv2d_geometry(8, 1, 66, 4, 1, 2, 0)>,
    // From few channels to many: several bands, one column, gaps between the windows, whole windows in the
    // padding, a row too long for a band.
    Case<conv2d_geometry(70, 60, 4, 9, 5, 2, 2)>, Case<conv2d_geometry(9, 1, 2, 5, 3, 1, 1)>,
    Case<conv2d_geometry(11, 12, 3, 8, 2, 4, 0)>, Case<conv2d_geometry(3, 2, 1, 24, 2, 3, 4)>,
    Case<conv2d_geometry(4, 700, 4, 5, 3, 1, 1)>,
    Case<conv_transpose2d_geometry(5, 6, 40, 2, 5, 3, 1, 1)>,
    // From many channels to few: in several rounds, with gaps between the windows, with padding.
    Case<conv_transpose2d_geometry(40, 30, 8, 3, 5, 3, 2, 1)>,
    Case<conv_transpose2d_geometry(3, 4, 10, 2, 3, 5, 0, 3)>,
    Case<conv2d_geometry(60, 12, 6, 3, 5, 1, 2)>, Case<conv2d_geometry(9, 8, 9, 1, 3, 1, 0)>,
    Case<conv2d_geometry(9, 8, 9, 1, 3, 1, 2)>,
    // By Winograd's filtering: tiles that reach over the image on each side, without padding and with more than
    // usual, channels of which the last block is one vector (48 with AVX-512, 40 with AVX2), more tiles at once, and
    // the smallest images.
    Case<conv2d_geometry(9, 13, 32, 48, 3, 1, 0)>, Case<conv2d_geometry(7, 6, 80, 32, 3, 1, 2)>,
    Case<conv2d_geometry(8, 8, 32, 40, 3, 1, 1)>, Case<conv2d_geometry(7, 9, 16, 16, 3, 1, 1)>,
    Case<conv2d_geometry(6, 8, 384, 32, 3, 1, 1)>,
    Case<conv_transpose2d_geometry(11, 8, 48, 64, 3, 1, 1, 0)>,
    Case<conv2d_geometry(6, 6, 32, 32, 3, 1, 1)>>;
INSTANTIATE_TYPED_TEST_SUITE_P(Awkward, CpuWindow, Geometries);

TEST(CpuWindow, WeightGradientsOfFewTilesAreSharedByThreads) {
  // More than one part of the batch, and work that is worth several threads.
  check_weight_gradient<linear_geometry(16, 64), LanesAre::small>(300);
  check_weight_gradient<linear_geometry(200, 5), LanesAre::small>(300);
}

TEST(CpuWindow, WinogradAddsUpManyPieces) {
  check_weight_gradient<conv2d_geometry(14, 14, 32, 32, 3, 1, 1), LanesAre::small>(30);
}

TEST(CpuWindow, WinogradTakesNoImages) {
  constexpr WindowGeometry g = conv2d_geometry(8, 8, 32, 32, 3, 1, 1);
  run_gather<g>(0, nullptr, nullptr, nullptr, nullptr);
  run_scatter<g>(0, nullptr, nullptr, nullptr, nullptr);
  Floats gradient = random_floats(weight_layout(g, LanesAre::small).size(), 1);
  const Floats before(gradient);
  Floats workspace(weight_gradient_workspace<g, LanesAre::small>().of(0));
  weight_gradient<g, LanesAre::small>(0, nullptr, nullptr, gradient.data(), workspace.data());
  EXPECT_TRUE(same_bits(gradient.data(), before.data(), before.size()));
}

TEST(CpuWindow, WinogradHasTheSameBitsWithinAParallelRegion) {
  constexpr WindowGeometry g = conv2d_geometry(14, 14, 32, 64, 3, 1, 1);
  const Arrays<g> arrays(9);
  Floats expected(arrays.small.size());
  run_gather<g>(9, arrays.big.data(), arrays.gather_weights.data(), nullptr, expected.data());
  std::vector<Floats> results(3, Floats(expected.size()));
#pragma omp parallel for num_threads(3)
  for (int i = 0; i < 3; ++i)
    run_gather<g>(9, arrays.big.data(), arrays.gather_weights.data(), nullptr,
                  results[as_size(i)].data());
  for (const Floats& result : results)
    EXPECT_TRUE(same_bits(result.data(), expected.data(), expected.size()));
}

TEST(CpuWindow, WinogradIsForLargeWindowsOfManyChannels) {
  using cpu_kernels::winograd_fits;
  EXPECT_TRUE(winograd_fits(conv2d_geometry(14, 14, 64, 64, 3, 1, 1)));
  EXPECT_TRUE(winograd_fits(conv_transpose2d_geometry(11, 8, 48, 64, 3, 1, 1, 0)));
  EXPECT_FALSE(winograd_fits(conv2d_geometry(14, 14, 64, 64, 3, 2, 1)));
  EXPECT_FALSE(winograd_fits(conv2d_geometry(14, 14, 64, 64, 5, 1, 2)));
  EXPECT_FALSE(winograd_fits(conv2d_geometry(14, 14, 64, 65, 3, 1, 1)));  // no whole vectors
  EXPECT_FALSE(winograd_fits(conv2d_geometry(14, 14, 3, 64, 3, 1, 1)));
  EXPECT_FALSE(winograd_fits(conv2d_geometry(4, 4, 64, 64, 3, 1, 1)));  // one tile
  EXPECT_FALSE(winograd_fits(conv2d_geometry(5, 5, 64, 64, 3, 1, 1)));  // more cut off than won
  EXPECT_FALSE(winograd_fits(conv2d_geometry(6, 6, 64, 64, 3, 1, 0)));  // one tile of outputs
  EXPECT_TRUE(winograd_fits(conv2d_geometry(2, 16, 64, 64, 3, 1, 1)));  // half the multiplications
}

}  // namespace
}  // namespace window
