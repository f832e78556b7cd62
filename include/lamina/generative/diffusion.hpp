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
#include "lamina/core/tensor.hpp"
#include "lamina/generative/noise_schedule.hpp"
#include "lamina/losses/losses.hpp"
#include "lamina/model/model.hpp"

namespace lamina::inline LAMINA_ISA {

/// sin(t w_i) in the first half of the features, cos(t w_i) in the second, with w_i falling from 1 to
/// 1 / 10000.
/// ref    Vaswani et al. 2017, arXiv:1706.03762
template <class S, class B>
void sinusoidal_embedding(std::span<const std::int32_t> steps, Tensor<S, B>& features) {
  static_assert(S::rank == 1 && S::size % 2 == 0, "an embedding is a vector of even size");
  constexpr std::size_t half = S::size / 2;
  features.resize(steps.size());
  std::vector<float> values(steps.size() * S::size);
  for (std::size_t n = 0; n < steps.size(); ++n)
    for (std::size_t i = 0; i < half; ++i) {
      const double frequency =
          std::exp(-std::log(10'000.0) * static_cast<double>(i) / static_cast<double>(half));
      const double angle = frequency * steps[n];
      values[n * S::size + i] = static_cast<float>(std::sin(angle));
      values[n * S::size + half + i] = static_cast<float>(std::cos(angle));
    }
  B::copy_from_host(values.size(), values.data(), features.data());
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
template <class Net, AnyShape Image, class B = Cpu>
class Diffusion {
 public:
  using image_shape = Image;
  using model_type = Model<Net, Image, B>;
  using Condition = typename model_type::condition_shape;
  static_assert(detail::check_target<Image, typename model_type::output_shape>());

  Diffusion(Seed seed, NoiseSchedule schedule)
      : seed_{seed}, schedule_{std::move(schedule)}, model_{seed} {}

  model_type& model() { return model_; }
  const NoiseSchedule& schedule() const { return schedule_; }

  /// The mean squared error of the noise seen in images at steps drawn at random. `draw` numbers the
  /// draw: the same number gives the same steps and noise.
  double forward(const TensorRef<Image, B>& images, std::uint64_t draw) {
    const std::size_t count = images.size();
    const Philox steps(seed_, Stream::noise, 1);
    steps_.resize(count);
    for (std::size_t n = 0; n < count; ++n) {
      const std::uint64_t scaled = std::uint64_t{steps.word(draw, n)} * schedule_.steps();
      steps_[n] = static_cast<std::int32_t>(scaled >> 32U);
    }
    noise_.resize(count);
    B::normal(noise_.span().size(), Philox(seed_, Stream::noise), draw, noise_.data());
    return forward(images, steps_, noise_);
  }

  /// The same with given steps and noise; the noise must stay unchanged until backward.
  /// errors run: not one step, or not noise, for each image; a step that the process does not have
  double forward(const TensorRef<Image, B>& images, std::span<const std::int32_t> steps,
                 const TensorRef<Image, B>& noise) {
    require(steps.size() == images.size() && noise.size() == images.size(), "diffusion got ",
            images.size(), " images, ", steps.size(), " steps and noise for ", noise.size());
    add_noise(images, steps, noise);
    sinusoidal_embedding(steps, condition_);
    seen_ = model_.forward(noisy_, condition_);
    target_ = noise;
    return mse_loss(seen_, target_).value;
  }

  /// Adds the gradients of the last forward.
  void backward() { model_.backward(mse_loss(seen_, target_).gradient); }

  /// Images at the given steps of the process.
  const TensorRef<Image, B>& add_noise(const TensorRef<Image, B>& images,
                                       std::span<const std::int32_t> steps,
                                       const TensorRef<Image, B>& noise) {
    signal_shares_.resize(steps.size());
    noise_shares_.resize(steps.size());
    std::vector<float> signal(steps.size());
    std::vector<float> rest(steps.size());
    for (std::size_t n = 0; n < steps.size(); ++n) {
      require(steps[n] >= 0 && static_cast<std::size_t>(steps[n]) < schedule_.steps(), "step ",
              steps[n], " of a process of ", schedule_.steps(), " steps, counted from 0");
      signal[n] = static_cast<float>(schedule_.signal(static_cast<std::size_t>(steps[n])));
      rest[n] = static_cast<float>(schedule_.noise(static_cast<std::size_t>(steps[n])));
    }
    B::copy_from_host(signal.size(), signal.data(), signal_shares_.data());
    B::copy_from_host(rest.size(), rest.data(), noise_shares_.data());
    noisy_.resize(images.size());
    B::mix(images.size(), Image::size, signal_shares_.data(), images.data(), noise_shares_.data(),
           noise.data(), noisy_.data());
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
      sinusoidal_embedding(std::span<const std::int32_t>(steps_), condition_);
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
  Seed seed_;
  NoiseSchedule schedule_;
  model_type model_;
  std::vector<std::int32_t> steps_;
  Tensor<Shape<1>, B> signal_shares_, noise_shares_;
  Tensor<Image, B> noise_, noisy_, x_;
  Tensor<Condition, B> condition_;
  TensorRef<Image, B> seen_;
  TensorRef<Image, B> target_;
};

}  // namespace lamina::inline LAMINA_ISA
