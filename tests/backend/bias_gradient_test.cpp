// SPDX-License-Identifier: MIT
// The gradient of a bias, for awkward numbers of channels and pixels.

#include "lamina/backend/cpu/bias_gradient.hpp"

#include "backend/window_checks.hpp"

namespace window {
namespace {

TEST(BiasGradient, MatchesPlainSumsAndDoesNotDependOnThreads) {
  for (const int channels : {1, 2, 3, 10, 16, 17, 64, 100, 512}) {
    for (const std::ptrdiff_t pixels : {1, 3, 9, 40, 513, 1000, 20001}) {
      SCOPED_TRACE(std::to_string(channels) + " channels, " + std::to_string(pixels) + " pixels");
      const Floats values = random_floats(as_size(pixels * channels), 8);
      const Floats before = random_floats(as_size(channels), 9);
      std::vector<double> expected(before.data(), before.data() + channels);
      std::vector<double> scale(as_size(channels), 1.0);
      for (std::size_t i = 0; i < values.size(); ++i) {
        expected[i % as_size(channels)] += static_cast<double>(values[i]);
        scale[i % as_size(channels)] += std::fabs(static_cast<double>(values[i]));
      }
      Floats workspace(bias_gradient_workspace(channels));
      const auto run = [&] {
        Floats gradient(before);
        bias_gradient(pixels, channels, values.data(), gradient.data(), workspace.data());
        return gradient;
      };
      const Floats gradient = run();
      expect_close(expected, scale, gradient, "bias gradient");
      for (const int threads : {1, 2, 5}) {
        const support::WithThreads with(threads);
        EXPECT_TRUE(same_bits(run().data(), gradient.data(), gradient.size())) << threads;
      }
    }
  }
}

}  // namespace
}  // namespace window
