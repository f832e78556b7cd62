// SPDX-License-Identifier: MIT
// Invariant 3 for generative models: their second training step allocates nothing, nor does what they
// make images with, nor a moving average.

#include <cstddef>
#include <cstdint>

#include <gtest/gtest.h>

#include "lamina/generative/diffusion.hpp"
#include "lamina/generative/gan.hpp"
#include "lamina/generative/vae.hpp"
#include "lamina/lamina.hpp"

#include "invariants/allocations.hpp"
#include "invariants/training.hpp"

namespace generative_allocations_test {

using namespace invariants;
using lamina::Adam;
using lamina::AddCondition;
using lamina::BatchNorm2d;
using lamina::Bias;
using lamina::Conv2d;
using lamina::ConvTranspose2d;
using lamina::Flatten;
using lamina::GroupNorm;
using lamina::LeakyReLU;
using lamina::ReLU;
using lamina::Seed;
using lamina::Sequential;
using lamina::Shape;
using lamina::SiLU;
using lamina::Tanh;
using lamina::Unflatten;

constexpr std::size_t images = 33;

using Vae =
    lamina::Vae<Sequential<Conv2d<1, 8, 4, 2, 1>, BatchNorm2d<8>, ReLU, Conv2d<8, 40, 8>, Flatten>,
                Sequential<Unflatten<20, 1, 1>, ConvTranspose2d<20, 8, 8>, BatchNorm2d<8>, ReLU,
                           ConvTranspose2d<8, 1, 4, 2, 1>>,
                Image>;

TEST(GenerativeAllocations, VaeMakesNoneAfterItsFirstStep) {
  const auto batch = noise_batch(images);
  for (const int threads : {1, 2}) {
    for (const auto pixels : {lamina::PixelModel::bernoulli, lamina::PixelModel::gaussian}) {
      const support::WithThreads with(threads);
      Vae vae(Seed{1}, pixels);
      Adam encoder_adam{vae.encoder().parameters()}, decoder_adam{vae.decoder().parameters()};
      const auto step = [&](std::uint64_t number) {
        vae.forward(batch, number);
        vae.zero_grad();
        vae.backward();
        encoder_adam.step();
        decoder_adam.step();
      };
      step(0);
      expect_none("a step", [&] { step(1); });
      vae.eval();
      vae.decode(vae.encode(batch));
      vae.reconstruction();
      expect_none("encode, decode", [&] { vae.decode(vae.encode(batch)); });
      expect_none("reconstruction", [&] { vae.reconstruction(); });
      expect_none("divergences", [&] { vae.divergences(); });
    }
  }
}

using Gan =
    lamina::Gan<Sequential<ConvTranspose2d<20, 8, 8>, BatchNorm2d<8>, ReLU,
                           ConvTranspose2d<8, 1, 4, 2, 1>, Tanh>,
                Sequential<Conv2d<1, 8, 4, 2, 1>, BatchNorm2d<8>, LeakyReLU<0.2>, Conv2d<8, 1, 8>>,
                Shape<20, 1, 1>, Image>;

TEST(GenerativeAllocations, GanMakesNoneAfterItsFirstStep) {
  const auto batch = noise_batch(images);
  for (const int threads : {1, 2}) {
    for (const auto loss :
         {lamina::GanLoss::non_saturating, lamina::GanLoss::wasserstein, lamina::GanLoss::hinge}) {
      const support::WithThreads with(threads);
      Gan gan(Seed{1}, {.loss = loss});
      gan.step(batch, 0);
      expect_none("a step", [&] { gan.step(batch, 1); });
      expect_none("a smaller batch", [&] { gan.step(batch.images(3, 5), 2); });
    }
  }
}

TEST(GenerativeAllocations, DiffusionAndItsAverageMakeNoneAfterTheFirstStep) {
  using Net = Sequential<Conv2d<1, 8, 3, 1, 1>, GroupNorm<2, 8>, AddCondition<6, 8>, SiLU,
                         Conv2d<8, 1, 3, 1, 1>>;
  const auto batch = noise_batch(images);
  for (const int threads : {1, 2}) {
    const support::WithThreads with(threads);
    lamina::Diffusion<Net, Image> diffusion(Seed{1}, lamina::NoiseSchedule::cosine(10));
    Adam adam{diffusion.model().parameters()};
    lamina::Ema ema{diffusion.model().parameters(), 0.9F};
    const auto step = [&](std::uint64_t number) {
      diffusion.forward(batch, number);
      diffusion.model().zero_grad();
      diffusion.backward();
      adam.step();
      ema.update();
    };
    step(0);
    expect_none("a step", [&] { step(1); });
    expect_none("swap", [&] { ema.swap(); });
    diffusion.sample(images, {2, 1.0}, 0);
    expect_none("sampling", [&] { diffusion.sample(images, {2, 1.0}, 1); });
  }
}

}  // namespace generative_allocations_test
