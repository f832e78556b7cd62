// SPDX-License-Identifier: MIT
#pragma once
// One step back of a diffusion process, from a noisy image towards a clean one.

#include <algorithm>
#include <cstddef>

#include "reference/values.hpp"

namespace reference {

/// x = signal * image + noise * eps; one step before, x has shares `signal_before` of the image,
/// `direction` of the noise that it has now and `spread` of fresh noise.
struct DenoiseStep {
  double signal, noise, signal_before, direction, spread;
};

/// Song et al. 2021 (arXiv:2010.02502), equation 12, with the image that x points to clipped to
/// [-1, 1] and the noise that x has being what is left of it beside that image.
inline Values denoise(const DenoiseStep& step, const Values& x, const Values& seen,
                      const Values& fresh) {
  expect_size(seen, x.size(), "seen noise");
  expect_size(fresh, x.size(), "fresh noise");
  Values before(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double image = std::clamp((x[i] - step.noise * seen[i]) / step.signal, -1.0, 1.0);
    const double eps = (x[i] - step.signal * image) / step.noise;
    before[i] = step.signal_before * image + step.direction * eps + step.spread * fresh[i];
  }
  return before;
}

}  // namespace reference
