// SPDX-License-Identifier: MIT
#pragma once
// How much of an image is left, and how much noise is in it, in each step of a diffusion process.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"

namespace lamina {

/// The numbers of one step back, as a backend's kernel takes them: x = signal * image + noise * eps.
struct DenoiseStep {
  float signal;         ///< share of the image in x
  float noise;          ///< of the noise
  float signal_before;  ///< share of the image one step before
  float direction;      ///< of the noise that x holds
  float spread;         ///< of fresh noise
};

}  // namespace lamina

namespace lamina::inline LAMINA_ISA {

/// signal(t)^2 = product of 1 - beta over the steps 0 ... t; noise(t)^2 is the rest.
class NoiseSchedule {
 public:
  /// beta grows from 1e-4 to 0.02 for 1000 steps, faster for fewer.
  /// ref    Ho et al. 2020, arXiv:2006.11239
  static NoiseSchedule linear(std::size_t steps) {
    const double scale = 1000.0 / static_cast<double>(steps);
    return from_betas(steps, [=](double share) { return scale * (1e-4 + share * (0.02 - 1e-4)); });
  }

  /// signal^2 falls like a squared cosine: less noise at the start.
  /// ref    Nichol & Dhariwal 2021, arXiv:2102.09672
  static NoiseSchedule cosine(std::size_t steps) {
    const auto level = [](double share) {
      const double root = std::cos((share + 0.008) / 1.008 * std::numbers::pi / 2.0);
      return root * root;
    };
    const auto count = static_cast<double>(steps);
    NoiseSchedule schedule;
    double left = 1.0;
    for (std::size_t t = 0; t < steps; ++t) {
      const auto at = static_cast<double>(t);
      const double beta = (std::min)(1.0 - level((at + 1.0) / count) / level(at / count), 0.999);
      schedule.left_.push_back(left *= 1.0 - beta);
    }
    return checked(schedule);
  }

  std::size_t steps() const { return left_.size(); }
  double signal(std::size_t t) const { return std::sqrt(left_[t]); }
  double noise(std::size_t t) const { return std::sqrt(1.0 - left_[t]); }

  /// From step `t` to step `before` (or to the image, for before < 0). eta 1 draws as much fresh noise
  /// as the process itself (DDPM), 0 none (DDIM, Song et al. 2021, arXiv:2010.02502).
  DenoiseStep step(std::ptrdiff_t t, std::ptrdiff_t before, double eta) const {
    const double now = left_[static_cast<std::size_t>(t)];
    const double then = before < 0 ? 1.0 : left_[static_cast<std::size_t>(before)];
    const double spread = eta * std::sqrt((1.0 - then) / (1.0 - now)) * std::sqrt(1.0 - now / then);
    return {
        .signal = static_cast<float>(std::sqrt(now)),
        .noise = static_cast<float>(std::sqrt(1.0 - now)),
        .signal_before = static_cast<float>(std::sqrt(then)),
        .direction = static_cast<float>(std::sqrt((std::max)(1.0 - then - spread * spread, 0.0))),
        .spread = static_cast<float>(spread)};
  }

 private:
  template <class Beta>
  static NoiseSchedule from_betas(std::size_t steps, const Beta& beta) {
    NoiseSchedule schedule;
    double left = 1.0;
    for (std::size_t t = 0; t < steps; ++t) {
      const double share =
          steps == 1 ? 0.0 : static_cast<double>(t) / static_cast<double>(steps - 1);
      schedule.left_.push_back(left *= 1.0 - (std::min)(beta(share), 0.999));
    }
    return checked(schedule);
  }

  static NoiseSchedule checked(const NoiseSchedule& schedule) {
    require(schedule.steps() >= 1, "a noise schedule needs at least one step");
    return schedule;
  }

  std::vector<double> left_;
};

}  // namespace lamina::inline LAMINA_ISA
