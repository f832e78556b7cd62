// SPDX-License-Identifier: MIT
#pragma once
// The numbers of one optimiser step, as a backend's kernel takes them.

namespace lamina {

/// g += weight_decay * value; velocity = momentum * velocity + g (g on the first step);
/// value -= learning_rate * (velocity, or g + momentum * velocity with Nesterov).
struct SgdUpdate {
  float learning_rate;
  float momentum;
  float weight_decay;
  bool nesterov;
  bool first_step;
};

/// value *= shrink; g += weight_decay * value; m += (1 - beta1) * (g - m);
/// v = beta2 * v + (1 - beta2) * g^2; value -= step_size * m / (sqrt(v) * second_correction + epsilon).
struct AdamUpdate {
  float step_size;  ///< learning rate / (1 - beta1^t)
  float beta1;
  float beta2;
  float epsilon;
  float second_correction;  ///< 1 / sqrt(1 - beta2^t)
  float weight_decay;       ///< added to the gradient (Adam)
  float shrink;             ///< 1 - learning rate * weight decay (AdamW), else 1
};

}  // namespace lamina
