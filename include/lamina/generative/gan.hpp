// SPDX-License-Identifier: MIT
#pragma once
// Generative adversarial networks. G generator, D discriminator, N images.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/core/random.hpp"
#include "lamina/core/replica.hpp"
#include "lamina/core/tensor.hpp"
#include "lamina/generative/diagnosis.hpp"
#include "lamina/generative/gan_options.hpp"
#include "lamina/losses/losses.hpp"
#include "lamina/model/initialise.hpp"
#include "lamina/model/model.hpp"
#include "lamina/optim/adam.hpp"

namespace lamina::inline LAMINA_ISA {

/// DCGAN's initialisation: weights of convolutions N(0, 0.02^2), of batch normalisation N(1, 0.02^2);
/// biases stay as they are.
/// ref    Radford et al. 2016, arXiv:1511.06434
template <class M>
void initialise_dcgan(M& model, Seed seed) {
  for (auto& tensor : model.named_parameters()) {
    if (!std::string_view{tensor.name()}.ends_with("weight")) continue;
    const bool is_vector = tensor.info().shape.rank == 1;
    init::normal(tensor, is_vector ? 1.0F : 0.0F, 0.02F, seed);
  }
}

/// A generator from Latent to Image and a discriminator from Image to one logit, with their Adams.
///   for (const auto& [images, labels] : batches(...)) gan.step(images, number++);
/// Real and fake images go through D apart, each with batch statistics of its own; in G's step the
/// gradients of D's weights are not computed.
/// errors compile: a generator that puts out no Image, a discriminator that puts out more than a logit;
///        run: options out of range
template <class Generator, class Discriminator, AnyShape Latent, AnyShape Image, class B = Cpu,
          Precision P = Precision::float32>
class Gan {
 public:
  using latent_shape = Latent;
  using image_shape = Image;
  using generator_model = Model<detail::CheckedDecoder<Generator, Latent, Image>, Latent, B, P>;
  using discriminator_model = Model<Discriminator, Image, B, P>;
  using Logit = typename discriminator_model::output_shape;
  static_assert(detail::check_discriminator<Logit>());

  explicit Gan(Seed seed, GanOptions options = {})
      : options_{checked(options)},
        noise_{seed, Stream::latent},
        generator_{Seed{2 * seed.value}},
        discriminator_{Seed{2 * seed.value + 1}},
        weights_{discriminator_.parameters().values},
        generator_adam_{generator_.parameters(), adam_options(options.generator_learning_rate)},
        discriminator_adam_{discriminator_.parameters(),
                            adam_options(options.discriminator_learning_rate)} {
    initialise_dcgan(generator_, Seed{2 * seed.value});
    initialise_dcgan(discriminator_, Seed{2 * seed.value + 1});
  }

  generator_model& generator() { return generator_; }
  discriminator_model& discriminator() { return discriminator_; }
  Adam<B>& generator_adam() { return generator_adam_; }
  Adam<B>& discriminator_adam() { return discriminator_adam_; }

  /// Step number `number` (from 0): one of D and, after every discriminator_steps of them, one of G
  /// with the same latent vectors, which depend on the number.
  GanStep step(const TensorRef<Image, B>& real, std::uint64_t number) {
    z_.resize(real.shard());
    B::normal(z_.span().size(), noise_, number, z_.data(), real.shard().first * Latent::size);
    return step(real, z_, number);
  }

  /// The same with given latent vectors.
  /// errors run: not one for each image
  GanStep step(const TensorRef<Image, B>& real, const TensorRef<Latent, B>& z,
               std::uint64_t number) {
    require(z.size() == real.size(), "a GAN got ", real.size(), " images and ", z.size(),
            " latent vectors; it takes one for each image");
    const auto fake = generator_.forward(TensorRef<Latent, B>{z.data(), real.shard()});
    train_discriminator(real, fake);
    const auto steps = static_cast<std::uint64_t>(options_.discriminator_steps);
    if (number % steps == steps - 1) train_generator(fake);
    return last_;
  }

  /// What the generator makes of latent vectors, in the mode that it is in.
  TensorRef<Image, B> generate(const TensorRef<Latent, B>& z) { return generator_.forward(z); }

 private:
  static GanOptions checked(const GanOptions& options) {
    require(options.discriminator_steps >= 1, "a GAN needs at least 1 discriminator step, got ",
            options.discriminator_steps);
    require(options.real_label > 0.0F && options.real_label <= 1.0F,
            "the label of real images must be above 0 and at most 1, got ", options.real_label);
    require(options.clip > 0.0F, "weights are clipped to a bound above 0, got ", options.clip);
    return options;
  }

  AdamOptions adam_options(float learning_rate) const {
    return {.learning_rate = learning_rate, .beta1 = options_.beta1, .beta2 = options_.beta2};
  }

  void train_discriminator(const TensorRef<Image, B>& real, const TensorRef<Image, B>& fake) {
    const bool with_labels = options_.loss == GanLoss::non_saturating;
    discriminator_.zero_grad();
    last_.discriminator_loss = judge(real, with_labels ? options_.real_label : 1.0F, last_.real,
                                     Gradients::parameters, options_.loss);
    const double taken_for_real = positive_;
    last_.discriminator_loss +=
        judge(fake, with_labels ? 0.0F : -1.0F, last_.fake, Gradients::parameters, options_.loss);
    const auto count = static_cast<double>(real.shard().total);
    last_.accuracy = (taken_for_real + count - positive_) / (2.0 * count);
    discriminator_adam_.step();
    if (options_.loss == GanLoss::wasserstein)
      B::clamp(weights_.size(), -options_.clip, options_.clip, weights_.data());
  }

  void train_generator(const TensorRef<Image, B>& fake) {
    const GanLoss loss = options_.loss == GanLoss::hinge ? GanLoss::wasserstein : options_.loss;
    last_.generator_loss = judge(fake, 1.0F, last_.fake_after, Gradients::input, loss);
    generator_.zero_grad();
    generator_.backward(discriminator_.input_gradient());
    generator_adam_.step();
  }

  /// D forward and backward on a batch with one target for all images; returns the loss.
  double judge(const TensorRef<Image, B>& images, float target, double& share, Gradients wanted,
               GanLoss loss) {
    targets_.resize(images.shard());
    B::fill(images.size(), target, targets_.data());
    const auto logits = discriminator_.forward(images);
    const Shard& shard = logits.shard();
    positive_ = shard.sum(B::positive_count(logits.size(), logits.data()));
    share =
        shard.sum(B::sigmoid_sum(logits.size(), logits.data())) / static_cast<double>(shard.total);
    switch (loss) {
      case GanLoss::wasserstein:
        return learn<Wasserstein>(logits, wanted);
      case GanLoss::hinge:
        return learn<Hinge>(logits, wanted);
      default:
        return learn<CrossEntropyOfLogit>(logits, wanted);
    }
  }

  template <class Function>
  double learn(const TensorRef<Logit, B>& logits, Gradients wanted) {
    const auto [loss, gradient] = impl::elementwise_loss<Function>(
        logits, static_cast<const TensorRef<Logit, B>&>(targets_), Reduction::mean);
    discriminator_.backward(gradient, wanted);
    return loss;
  }

  GanOptions options_;
  Philox noise_;
  generator_model generator_;
  discriminator_model discriminator_;
  std::span<float> weights_;  ///< D's, to be clipped
  Adam<B> generator_adam_;
  Adam<B> discriminator_adam_;
  Tensor<Latent, B> z_;
  Tensor<Logit, B> targets_;
  double positive_ = 0.0;  ///< logits above zero in the last judgement
  GanStep last_;
};

}  // namespace lamina::inline LAMINA_ISA
