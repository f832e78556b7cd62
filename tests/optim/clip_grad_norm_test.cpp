// SPDX-License-Identifier: MIT
// clip_grad_norm against the reference, and where it leaves gradients alone.

#include <cmath>
#include <limits>
#include <stdexcept>

#include <gtest/gtest.h>

#include "optim/trajectory.hpp"
#include "support/error_text.hpp"

namespace clip_grad_norm_test {

using namespace lamina;
using reference::Values;
using support::SmallModel;

Values gradients_of(SmallModel& model) {
  const auto gradients = model.parameters().gradients;
  return {gradients.begin(), gradients.end()};
}

TEST(ClipGradNorm, MatchesReference) {
  for (const double max_norm : {0.5, 1000.0}) {
    SmallModel model{Seed{1}};
    support::set_gradients(model, 3);
    Values expected = gradients_of(model);
    const double norm = reference::clip_grad_norm(expected, max_norm);
    EXPECT_NEAR(clip_grad_norm(model.parameters(), max_norm), norm, 1e-6 * norm);
    EXPECT_TRUE(support::near_relative("gradients", gradients_of(model), expected, 1e-6));
  }
}

TEST(ClipGradNorm, LeavesSmallGradientsToTheBit) {
  SmallModel model{Seed{1}};
  support::set_gradients(model, 3);
  const Values before = gradients_of(model);
  clip_grad_norm(model.parameters(), 1e6);
  EXPECT_EQ(gradients_of(model), before);
}

TEST(ClipGradNorm, IsZeroForNoGradient) {
  SmallModel model{Seed{1}};
  model.zero_grad();
  EXPECT_EQ(clip_grad_norm(model.parameters(), 1.0), 0.0);
  EXPECT_EQ(support::max_abs(gradients_of(model)), 0.0);
}

TEST(ClipGradNorm, ReturnsANormThatIsNotFiniteAndScalesNothing) {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    SmallModel model{Seed{1}};
    support::set_gradients(model, 3);
    model.parameters().gradients[7] = bad;
    const float other = model.parameters().gradients[0];
    EXPECT_FALSE(std::isfinite(clip_grad_norm(model.parameters(), 1e-3)));
    EXPECT_EQ(model.parameters().gradients[0], other);
  }
}

TEST(ClipGradNorm, RefusesANormOfZero) {
  SmallModel model{Seed{1}};
  EXPECT_TRUE(support::says(
      support::error_text<std::invalid_argument>([&] { clip_grad_norm(model.parameters(), 0.0); }),
      "norm above 0", "got 0"));
}

}  // namespace clip_grad_norm_test
