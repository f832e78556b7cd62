// SPDX-License-Identifier: MIT
#pragma once
// Gradient clipping.

#include <cmath>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/model/named_tensor.hpp"

namespace lamina::inline LAMINA_ISA {

/// Scales all gradients so that their joint Euclidean norm is at most `max_norm`, and returns the norm
/// that they had (torch.nn.utils.clip_grad_norm_). A norm that is not finite is returned as it is and
/// nothing is scaled.
/// errors run: max_norm <= 0
/// ref  Pascanu et al. 2013, arXiv:1211.5063
template <class B>
double clip_grad_norm(const Parameters<B>& parameters, double max_norm) {
  require(max_norm > 0.0, "clip_grad_norm needs a norm above 0, got ", max_norm);
  const std::size_t count = parameters.gradients.size();
  const double norm = std::sqrt(B::sum_of_squares(count, parameters.gradients.data()));
  const double factor = max_norm / (norm + 1e-6);
  if (std::isfinite(norm) && factor < 1.0)
    B::scale(count, static_cast<float>(factor), parameters.gradients.data());
  return norm;
}

}  // namespace lamina::inline LAMINA_ISA
