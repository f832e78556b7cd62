// SPDX-License-Identifier: MIT
#pragma once
// The diffusion model that is trained, on whatever device.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "lamina/generative/diffusion.hpp"

#include "common/device.hpp"
#include "common/learner.hpp"
#include "common/networks/unet.hpp"

namespace examples {

/// Pixels are in [-1, 1]. Its states begin with "model.", "adam." and "ema.".
class DiffusionLearner : public Learner<UNet::Image> {
 public:
  using Images = lamina::TensorRef<UNet::Image>;

  /// The loss on images, in evaluation mode, at the same steps and with the same noise in every call.
  virtual double evaluate(const lamina::Dataset<UNet::Image>& images) = 0;
  /// As lamina::Diffusion's; the result is valid until the next call.
  virtual Images sample(std::size_t count, const lamina::Sampler& sampler, std::uint64_t draw,
                        const std::function<void(std::int32_t, const Images&)>& visit) = 0;
  virtual Images sample(std::size_t count, const lamina::Sampler& sampler, std::uint64_t draw) = 0;
  virtual const lamina::NoiseSchedule& schedule() const = 0;

  /// Exchanges the weights and their average.
  virtual void swap_averages() = 0;

  virtual bool training() = 0;
  virtual void train(bool on) = 0;
};

/// `ema` is the decay of the average of the weights.
/// errors run: as cuda_learners
std::unique_ptr<DiffusionLearner> make_diffusion(lamina::Seed seed,
                                                 const lamina::NoiseSchedule& schedule, float ema,
                                                 Device device);

}  // namespace examples
