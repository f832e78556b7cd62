// SPDX-License-Identifier: MIT
#pragma once
// A small Gan, what goes into it, and the same in double precision with the losses written as the
// papers have them.

#include <algorithm>
#include <concepts>
#include <cstddef>

#include "lamina/generative/gan.hpp"
#include "lamina/lamina.hpp"

#include "generative/checks.hpp"
#include "reference/losses.hpp"

namespace generative {

using namespace lamina;
namespace layer = reference::layer;

inline constexpr std::size_t images = 5;
using Latent = Shape<5, 1, 1>;
using Image = Shape<1, 8, 8>;
using SmallGan = Gan<Sequential<ConvTranspose2d<5, 6, 4, 1, 0, 0, Bias::no>, BatchNorm2d<6>, Tanh,
                                ConvTranspose2d<6, 1, 4, 2, 1>, Tanh>,
                     Sequential<Conv2d<1, 4, 4, 2, 1>, Tanh, Conv2d<4, 6, 4, 2, 1, Bias::no>,
                                BatchNorm2d<6>, SiLU, Conv2d<6, 1, 2>>,
                     Latent, Image>;
static_assert(std::same_as<SmallGan::Logit, Shape<1, 1, 1>>);

inline const char* name_of(GanLoss loss) {
  return loss == GanLoss::non_saturating ? "non-saturating"
         : loss == GanLoss::wasserstein  ? "wasserstein"
                                         : "hinge";
}

/// Logits of real and fake images on both sides of 0, of 1 and of -1, where losses and counts change.
inline SmallGan small_gan(const GanOptions& options) {
  SmallGan gan(Seed{1}, options);
  generative::randomise(gan.generator(), 10);
  generative::randomise(gan.discriminator(), 20);
  support::assign(gan.discriminator().parameter("5.weight"),
                  support::random_values(6 * 2 * 2, 28, 0.9));
  support::assign(gan.discriminator().parameter("5.bias"), {0.03125});
  return gan;
}

// What goes in: images in [-1, 1], far from what the generator makes.
inline const Values real = support::random_values(images * Image::size, 1);
inline const Values z = support::random_values(images * Latent::size, 2);
inline const Tensor<Image> real_batch = support::batch_of<Image>(real);
inline const Tensor<Latent> z_batch = support::batch_of<Latent>(z);

/// Float32 sums of some tens of products are off by a few 1e-7 of the terms.
inline constexpr double tolerance = 2e-6;

inline double mean_of(const Values& values) {
  double sum = 0.0;
  for (const double value : values)
    sum += value;
  return sum / static_cast<double>(values.size());
}

/// Both networks in double precision.
struct ReferenceGan {
  explicit ReferenceGan(SmallGan& gan) { take(gan); }

  void take(SmallGan& gan) {
    support::copy_state(gan.generator(), generator);
    support::copy_state(gan.discriminator(), discriminator);
  }

  Values fake() { return generator.forward(z, images); }
  /// Logits of one batch, with its own statistics.
  Values judge(const Values& batch) { return discriminator.forward(batch, images); }

  double discriminator_loss(GanLoss loss, double real_label) {
    const Values of_real = judge(real), of_fake = judge(fake());
    const auto bce = [](const Values& logits, double target) {
      return reference::binary_cross_entropy_with_logits(logits, Values(images, target)).value;
    };
    if (loss == GanLoss::non_saturating) return bce(of_real, real_label) + bce(of_fake, 0.0);
    if (loss == GanLoss::wasserstein) return mean_of(of_fake) - mean_of(of_real);
    double sum = 0.0;
    for (std::size_t i = 0; i < images; ++i)
      sum += (std::max)(0.0, 1.0 - of_real[i]) + (std::max)(0.0, 1.0 + of_fake[i]);
    return sum / images;
  }
  double generator_loss(GanLoss loss) {
    const Values logits = judge(fake());
    if (loss != GanLoss::non_saturating) return -mean_of(logits);
    return reference::binary_cross_entropy_with_logits(logits, Values(images, 1.0)).value;
  }

  reference::Network generator{{.c = 5},
                               {layer::conv_transpose2d(6, 4, 1, 0, 0, false), layer::batch_norm(),
                                layer::tanh(), layer::conv_transpose2d(1, 4, 2, 1), layer::tanh()}};
  reference::Network discriminator{
      {.c = 1, .h = 8, .w = 8},
      {layer::conv2d(4, 4, 2, 1), layer::tanh(), layer::conv2d(6, 4, 2, 1, false),
       layer::batch_norm(), layer::silu(), layer::conv2d(1, 2)}};
};

}  // namespace generative
