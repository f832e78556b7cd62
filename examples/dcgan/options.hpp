// SPDX-License-Identifier: MIT
#pragma once
// What the program can be told.

#include <cstdint>
#include <string>

#include "lamina/generative/gan_options.hpp"

#include "common/options.hpp"

namespace examples {

struct DcganOptions : TrainerOptions {
  std::string model = "28";
  int width = 128;
  std::string loss = "non-saturating";
  double learning_rate = 2e-4;
  double generator_learning_rate = 0.0;  ///< 0: the discriminator's
  double beta1 = 0.5;
  double label_smoothing = 0.0;
  int discriminator_steps = 1;
  double clip = 0.01;
  std::int64_t log_every = 20;
  std::int64_t mosaic_every = 200;
  ScoreOptions score;

  lamina::GanOptions gan() const {
    const auto rate = static_cast<float>(learning_rate);
    return {.loss = loss == "hinge"         ? lamina::GanLoss::hinge
                    : loss == "wasserstein" ? lamina::GanLoss::wasserstein
                                            : lamina::GanLoss::non_saturating,
            .discriminator_learning_rate = rate,
            .generator_learning_rate =
                generator_learning_rate > 0.0 ? static_cast<float>(generator_learning_rate) : rate,
            .beta1 = static_cast<float>(beta1),
            .real_label = static_cast<float>(1.0 - label_smoothing),
            .discriminator_steps = discriminator_steps,
            .clip = static_cast<float>(clip)};
  }
};

}  // namespace examples
