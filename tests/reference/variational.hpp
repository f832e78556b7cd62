// SPDX-License-Identifier: MIT
#pragma once
// What a variational autoencoder adds to its two networks: sampling from diagonal normal distributions
// and their divergence from a standard one. Each row of `encoded` is L means, then L log variances.

#include <cmath>
#include <cstddef>

#include "reference/values.hpp"

namespace reference {

/// z = mean + standard deviation * noise, with z and noise (N, L).
inline Values reparametrise(std::size_t latent, const Values& encoded, const Values& noise) {
  expect_size(encoded, 2 * noise.size(), "encoded");
  Values z(noise.size());
  for (std::size_t i = 0; i < z.size(); ++i) {
    const std::size_t mean = i / latent * 2 * latent + i % latent;
    z[i] = encoded[mean] + std::sqrt(std::exp(encoded[mean + latent])) * noise[i];
  }
  return z;
}

/// The divergence of each latent dimension from a standard normal distribution, in nats, summed over
/// the rows (torch.distributions.kl_divergence(Normal(mean, deviation), Normal(0, 1)).sum(0)).
inline Values divergences(std::size_t latent, const Values& encoded) {
  Values sums(latent);
  for (std::size_t row = 0; row < encoded.size(); row += 2 * latent)
    for (std::size_t i = 0; i < latent; ++i) {
      const double mean = encoded[row + i], log_variance = encoded[row + latent + i];
      sums[i] += 0.5 * (mean * mean + std::exp(log_variance) - 1.0 - log_variance);
    }
  return sums;
}

}  // namespace reference
