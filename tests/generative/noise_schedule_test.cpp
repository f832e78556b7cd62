// SPDX-License-Identifier: MIT
// NoiseSchedule: both schedules against NumPy, and what one step back must be for DDPM and DDIM.

#include "lamina/generative/noise_schedule.hpp"

#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "support/compare.hpp"
#include "support/error_text.hpp"

namespace noise_schedule_test {

using lamina::DenoiseStep;
using lamina::NoiseSchedule;

/// The share that is left of the image's variance, of some steps.
std::vector<double> left(const NoiseSchedule& schedule, const std::vector<std::size_t>& steps) {
  std::vector<double> result;
  for (const std::size_t t : steps)
    result.push_back(schedule.signal(t) * schedule.signal(t));
  return result;
}

// Double throughout, up to a thousand factors: 1e-16 each, and a cosine near its zero that differs
// between libraries in the last digit.
constexpr double tolerance = 1e-11;

TEST(NoiseSchedule, LinearIsThatOfDdpm) {
  // np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))[[0, 1, 499, 998, 999]]
  EXPECT_TRUE(support::near_elementwise("1000 steps",
                                        left(NoiseSchedule::linear(1000), {0, 1, 499, 998, 999}),
                                        std::vector{0.9999, 0.9997800920720721, 0.07858724288177824,
                                                    4.118193638138445e-05, 4.035829765375676e-05},
                                        tolerance, 0.0));
  // np.cumprod(1 - 1000 / 50 * np.linspace(1e-4, 0.02, 50))[[0, 1, 25, 48, 49]]
  EXPECT_TRUE(support::near_elementwise("50 steps",
                                        left(NoiseSchedule::linear(50), {0, 1, 25, 48, 49}),
                                        std::vector{0.998, 0.9878977959183673, 0.05492151159660928,
                                                    1.2907942832044552e-05, 7.744765699226731e-06},
                                        tolerance, 0.0));
  // np.cumprod(1 - np.minimum(1000 / 8 * np.linspace(1e-4, 0.02, 8), 0.999))[:4]
  EXPECT_TRUE(support::near_elementwise(
      "8 steps", left(NoiseSchedule::linear(8), {0, 1, 2, 3}),
      std::vector{0.9875, 0.6242410714285714, 0.1727810108418368, 0.00017278101084183695},
      tolerance, 0.0));
}

TEST(NoiseSchedule, CosineIsThatOfNicholAndDhariwal) {
  // f = np.cos((np.linspace(0, 1, T + 1) + 0.008) / 1.008 * np.pi / 2) ** 2
  // np.cumprod(1 - np.clip(1 - f[1:] / f[:-1], 0, 0.999)), for T = 1000 at 0, 1, 499, 998, 999
  EXPECT_TRUE(support::near_elementwise(
      "1000 steps", left(NoiseSchedule::cosine(1000), {0, 1, 499, 998, 999}),
      std::vector{0.999958715775178, 0.9999125759273678, 0.49384359044063775, 2.428766907034852e-06,
                  2.4287669070348542e-09},
      tolerance, 0.0));
  // for T = 4
  EXPECT_TRUE(support::near_elementwise("4 steps", left(NoiseSchedule::cosine(4), {0, 1, 2, 3}),
                                        std::vector{0.8470121613269047, 0.4938435904406378,
                                                    0.14427210238573585, 0.00014427210238573596},
                                        tolerance, 0.0));
}

TEST(NoiseSchedule, ImageFadesAndNoiseGrows) {
  for (const auto& schedule : {NoiseSchedule::linear(1000), NoiseSchedule::cosine(1000),
                               NoiseSchedule::linear(1), NoiseSchedule::cosine(1)}) {
    for (std::size_t t = 0; t < schedule.steps(); ++t) {
      const double signal = schedule.signal(t), noise = schedule.noise(t);
      EXPECT_NEAR(signal * signal + noise * noise, 1.0, 1e-15) << "variance is kept, step " << t;
      EXPECT_GT(signal, 0.0) << t;
      EXPECT_GT(noise, 0.0) << t;
      if (t == 0) continue;
      EXPECT_LT(signal, schedule.signal(t - 1)) << t;
      EXPECT_GT(noise, schedule.noise(t - 1)) << t;
    }
  }
}

TEST(NoiseSchedule, NeedsAStep) {
  for (const auto& make : {NoiseSchedule::linear, NoiseSchedule::cosine}) {
    const auto text = support::error_text<std::invalid_argument>([&] { make(0); });
    EXPECT_TRUE(support::says(text, "at least one step"));
  }
}

// The numbers of a step are floats: 6e-8 of each, and of 1 where they come out of a difference.
constexpr double in_float = 3e-7;

TEST(DenoiseStep, KnowsBothEnds) {
  const auto schedule = NoiseSchedule::cosine(20);
  const DenoiseStep step = schedule.step(12, 7, 0.5);
  EXPECT_EQ(step.signal, static_cast<float>(schedule.signal(12)));
  EXPECT_EQ(step.noise, static_cast<float>(schedule.noise(12)));
  EXPECT_EQ(step.signal_before, static_cast<float>(schedule.signal(7)));
}

TEST(DenoiseStep, KeepsTheVarianceOfTheStepBefore) {
  // Of unit noise: what is kept of the old and what is fresh are all the noise of that step.
  for (const auto& schedule : {NoiseSchedule::linear(100), NoiseSchedule::cosine(100)})
    for (const std::ptrdiff_t t : {3, 50, 99})
      for (const std::ptrdiff_t before : {std::ptrdiff_t{0}, t / 2, t - 1})
        for (const double eta : {0.0, 0.3, 1.0}) {
          const DenoiseStep step = schedule.step(t, before, eta);
          const double noise = schedule.noise(static_cast<std::size_t>(before));
          EXPECT_NEAR(std::hypot(double{step.direction}, double{step.spread}), noise, in_float)
              << t << " to " << before << ", eta " << eta;
        }
}

TEST(DenoiseStep, WithEtaOneItIsThePosteriorOfDdpm) {
  // Ho et al. 2020, equation 7: given x and the image, x one step before is normal with mean
  //   sqrt(abar') beta / (1 - abar) image + sqrt(1 - beta) (1 - abar') / (1 - abar) x
  // and variance (1 - abar') / (1 - abar) beta. Ours has the shares of the image and of the noise
  // (x - signal image) / noise.
  for (const auto& schedule : {NoiseSchedule::linear(100), NoiseSchedule::cosine(100)})
    for (const std::size_t t : {1U, 2U, 50U, 98U}) {
      const double abar = std::pow(schedule.signal(t), 2);
      const double before = std::pow(schedule.signal(t - 1), 2);
      const double beta = 1.0 - abar / before;
      const auto at = static_cast<std::ptrdiff_t>(t);
      const DenoiseStep step = schedule.step(at, at - 1, 1.0);
      EXPECT_NEAR(step.spread, std::sqrt((1.0 - before) / (1.0 - abar) * beta), in_float) << t;
      const double of_x = double{step.direction} / schedule.noise(t);
      EXPECT_NEAR(of_x, std::sqrt(1.0 - beta) * (1.0 - before) / (1.0 - abar), in_float) << t;
      EXPECT_NEAR(double{step.signal_before} - of_x * schedule.signal(t),
                  std::sqrt(before) * beta / (1.0 - abar), in_float)
          << t;
    }
}

TEST(DenoiseStep, WithEtaZeroNothingIsFresh) {
  const auto schedule = NoiseSchedule::linear(100);
  const DenoiseStep step = schedule.step(60, 40, 0.0);
  EXPECT_EQ(step.spread, 0.0F);
  EXPECT_EQ(step.direction, static_cast<float>(schedule.noise(40)));
}

TEST(DenoiseStep, SpreadIsProportionalToEta) {
  const auto schedule = NoiseSchedule::linear(100);
  EXPECT_NEAR(schedule.step(60, 40, 0.25).spread, 0.25 * double{schedule.step(60, 40, 1.0).spread},
              in_float);
}

TEST(DenoiseStep, EndsInTheImage) {
  for (const double eta : {0.0, 1.0}) {
    const DenoiseStep step = NoiseSchedule::cosine(10).step(0, -1, eta);
    EXPECT_EQ(step.signal_before, 1.0F);
    EXPECT_EQ(step.direction, 0.0F);
    EXPECT_EQ(step.spread, 0.0F);
  }
}

}  // namespace noise_schedule_test
