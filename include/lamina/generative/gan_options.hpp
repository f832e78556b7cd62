// SPDX-License-Identifier: MIT
#pragma once
// What a GAN can be told, and what it says of a step: values that do not depend on its networks.

namespace lamina {

/// What D and G minimise. With x a logit of D:
///   non_saturating  D: BCE(x real, 1) + BCE(x fake, 0); G: BCE(x fake, 1) (Goodfellow et al. 2014)
///   wasserstein     D: -x real + x fake, weights clipped; G: -x fake (Arjovsky et al. 2017)
///   hinge           D: max(0, 1 - x real) + max(0, 1 + x fake); G: -x fake (Lim & Ye 2017)
enum class GanLoss { non_saturating, wasserstein, hinge };

struct GanOptions {
  GanLoss loss = GanLoss::non_saturating;
  float discriminator_learning_rate = 2e-4F;
  float generator_learning_rate = 2e-4F;
  float beta1 = 0.5F;
  float beta2 = 0.999F;
  float real_label = 1.0F;      ///< below 1: one-sided label smoothing; non_saturating only
  int discriminator_steps = 1;  ///< of D for each one of G
  float clip = 0.01F;           ///< bound of D's weights; wasserstein only
};

/// Means over the batch of one step.
struct GanStep {
  double discriminator_loss = 0.0;  ///< the sum of the real and the fake half
  double generator_loss = 0.0;      ///< of the last step that G made
  double real = 0.0;                ///< D(x): the share that D gives real images
  double fake = 0.0;                ///< D(G(z)) before D's update
  double fake_after = 0.0;          ///< D(G(z)) after it, in G's last step
  double accuracy = 0.0;            ///< share of real and fake images that D tells apart, before it
};

}  // namespace lamina
