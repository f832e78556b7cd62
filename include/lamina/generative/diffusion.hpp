// SPDX-License-Identifier: MIT
#pragma once
// Denoising diffusion models. N images with pixels in [-1, 1], T steps of the process.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/core/random.hpp"
#include "lamina/core/static_value.hpp"
#include "lamina/core/tensor.hpp"
#include "lamina/generative/diagnosis.hpp"
#include "lamina/generative/noise_schedule.hpp"
#include "lamina/losses/losses.hpp"
#include "lamina/model/model.hpp"

namespace lamina::inline LAMINA_ISA {

/// For each step t a vector of `features` numbers, one behind the other: sin(t w_i) in its first half,
/// cos(t w_i) in the second, with w_i falling from 1 towards 1 / 10000.
/// errors run: an odd number of features, room for another number of values
/// ref    Vaswani et al. 2017, arXiv:1706.03762
inline void sinusoidal_embedding(std::span<const std::int32_t> steps, std::size_t features,
                                 std::span<float> to) {
  require(features % 2 == 0 && to.size() == steps.size() * features, "an embedding of ",
          steps.size(), " steps in ", features, " features, an even number, got room for ",
          to.size(), " values");
  const std::size_t half = features / 2;
  for (std::size_t i = 0; i < half; ++i) {
    const double frequency =
        std::exp(-std::log(10'000.0) * static_cast<double>(i) / static_cast<double>(half));
    for (std::size_t n = 0; n < steps.size(); ++n) {
      to[n * features + i] = static_cast<float>(std::sin(frequency * steps[n]));
      to[n * features + half + i] = static_cast<float>(std::cos(frequency * steps[n]));
    }
  }
}

/// How images are made of noise: `steps` of the process' steps, evenly spread, each with eta times the
/// process' own fresh noise. {T, 1} is DDPM; {50, 0} DDIM.
struct Sampler {
  std::size_t steps = 50;
  double eta = 0.0;
};

/// A network that sees the noise in a noisy image, given the step of the process as its condition: Net
/// has AddCondition layers. One training step is
///   const double loss = diffusion.forward(images, step);
///   diffusion.model().zero_grad();
///   diffusion.backward();
/// errors compile: a network that puts out another shape than Image, or takes no condition
/// ref    Ho et al. 2020, arXiv:2006.11239
template <class Net, AnyShape Image, class B = Cpu, Precision P = Precision::float32>
class Diffusion {
 public:
  using image_shape = Image;
  using model_type = Model<detail::CheckedDenoiser<Net, Image>, Image, B, P>;
  using Condition = typename model_type::condition_shape;

  Diffusion(Seed seed, NoiseSchedule schedule)
      : seed_{seed}, schedule_{std::move(schedule)}, model_{seed} {}

  model_type& model() { return model_; }
  const NoiseSchedule& schedule() const { return schedule_; }

  /// The mean squared error of the noise seen in images at steps drawn at random. `draw` numbers the
  /// draw: the same number gives the same steps and noise.
  double forward(const TensorRef<Image, B>& images, std::uint64_t draw) {
    const std::size_t count = images.size();
    const Philox steps(seed_, Stream::noise, 1);
    steps_.assign(count, 0);
    for (std::size_t n = 0; n < count; ++n) {
      const std::uint32_t word = steps.word(draw, images.shard().first + n);
      const std::uint64_t scaled = std::uint64_t{word} * schedule_.steps();
      steps_[n] = static_cast<std::int32_t>(scaled >> 32U);
    }
    noise_.resize(count);
    B::normal(noise_.span().size(), Philox(seed_, Stream::noise), draw, noise_.data(),
              images.shard().first * Image::size);
    return forward(images, steps_, noise_);
  }

  /// The same with given steps and noise; the noise must stay unchanged until backward.
  /// errors run: not one step, or not noise, for each image; a step that the process does not have
  double forward(const TensorRef<Image, B>& images, std::span<const std::int32_t> steps,
                 const TensorRef<Image, B>& noise) {
    add_noise(images, steps, noise);
    tell(steps);
    seen_ = model_.forward(noisy_, condition_);
    target_ = noise;
    return mse_loss(seen_, target_).value;
  }

  /// Adds the gradients of the last forward.
  void backward() { model_.backward(mse_loss(seen_, target_).gradient); }

  /// Images at the given steps of the process. Valid until the next call.
  /// errors run: as forward
  const TensorRef<Image, B>& add_noise(const TensorRef<Image, B>& images,
                                       std::span<const std::int32_t> steps,
                                       const TensorRef<Image, B>& noise) {
    const std::size_t count = images.size();
    require(steps.size() == count && noise.size() == count, "diffusion got ", count, " images, ",
            steps.size(), " steps and noise for ", noise.size());
    host_.resize(2 * count);
    for (std::size_t n = 0; n < count; ++n) {
      require(steps[n] >= 0 && static_cast<std::size_t>(steps[n]) < schedule_.steps(), "step ",
              steps[n], " of a process of ", schedule_.steps(), " steps, counted from 0");
      const auto t = static_cast<std::size_t>(steps[n]);
      host_[n] = static_cast<float>(schedule_.signal(t));
      host_[count + n] = static_cast<float>(schedule_.noise(t));
    }
    shares_.resize(2 * count);
    B::copy_from_host(2 * count, host_.data(), shares_.data());
    noisy_.resize(images.shard());
    B::mix(images.size(), static_value<Image::size>, shares_.data(), images.data(),
           shares_.data() + count, noise.data(), noisy_.data());
    return noisy_;
  }

  /// Makes `count` images of noise, in evaluation mode if the model is in it. `draw` numbers the draw.
  /// visit(step, images) sees x before each step back, from the largest t on, and at the end once more
  /// with step -1. The result is valid until the next call.
  /// errors run: more steps than the process has, or none
  template <class Visit>
  TensorRef<Image, B> sample(std::size_t count, const Sampler& sampler, std::uint64_t draw,
                             Visit&& visit) {
    require(sampler.steps >= 1 && sampler.steps <= schedule_.steps(), "a sampler takes 1 to ",
            schedule_.steps(), " steps, got ", sampler.steps);
    const Philox start(seed_, Stream::latent, 2);
    const Philox fresh(seed_, Stream::noise, 3);
    x_.resize(count);
    noise_.resize(count);
    B::normal(x_.span().size(), start, draw, x_.data());
    const auto step_at = [&](std::size_t i) {  // the last is T - 1
      return static_cast<std::int32_t>((i + 1) * schedule_.steps() / sampler.steps) - 1;
    };
    for (std::size_t i = sampler.steps; i-- > 0;) {
      const std::int32_t t = step_at(i);
      visit(t, static_cast<const TensorRef<Image, B>&>(x_));
      steps_.assign(count, t);
      tell(steps_);
      const auto seen = model_.forward(x_, condition_);
      B::normal(noise_.span().size(), fresh, draw * schedule_.steps() + i, noise_.data());
      B::denoise(x_.span().size(), schedule_.step(t, i == 0 ? -1 : step_at(i - 1), sampler.eta),
                 seen.data(), noise_.data(), x_.data());
    }
    visit(std::int32_t{-1}, static_cast<const TensorRef<Image, B>&>(x_));
    return x_;
  }
  TensorRef<Image, B> sample(std::size_t count, const Sampler& sampler, std::uint64_t draw) {
    return sample(count, sampler, draw, [](std::int32_t, const TensorRef<Image, B>&) {});
  }

 private:
  /// The model's condition: where in the process each image is.
  void tell(std::span<const std::int32_t> steps) {
    host_.resize(steps.size() * Condition::size);
    sinusoidal_embedding(steps, Condition::size, host_);
    condition_.resize(steps.size());
    B::copy_from_host(host_.size(), host_.data(), condition_.data());
  }

  Seed seed_;
  NoiseSchedule schedule_;
  model_type model_;
  std::vector<std::int32_t> steps_;
  std::vector<float> host_;     ///< on its way to the backend
  Tensor<Shape<1>, B> shares_;  ///< of the images, then of the noise
  Tensor<Image, B> noise_, noisy_, x_;
  Tensor<Condition, B> condition_;
  TensorRef<Image, B> seen_;
  TensorRef<Image, B> target_;
};

}  // namespace lamina::inline LAMINA_ISA
