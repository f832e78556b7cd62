// SPDX-License-Identifier: MIT
#pragma once
// Variational autoencoders. N images, L latent dimensions.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "lamina/core/isa.hpp"
#include "lamina/core/random.hpp"
#include "lamina/core/replica.hpp"
#include "lamina/core/static_value.hpp"
#include "lamina/core/tensor.hpp"
#include "lamina/generative/diagnosis.hpp"
#include "lamina/layers/activations.hpp"
#include "lamina/losses/losses.hpp"
#include "lamina/model/model.hpp"

namespace lamina {

/// What a decoder's output means, and so what the reconstruction loss is: pixels that are sigmoids of
/// logits, with binary cross entropy, or with half the squared error (a normal distribution of
/// variance 1, its constant left out).
enum class PixelModel { bernoulli, gaussian };

}  // namespace lamina

namespace lamina::inline LAMINA_ISA {

/// Both parts of the loss (the negative evidence lower bound), in nats per image, means over the batch.
struct VaeLosses {
  double reconstruction = 0.0;
  double kl = 0.0;  ///< divergence of q(z | x) from a standard normal distribution
  double sum() const { return reconstruction + kl; }
};

/// An encoder that puts out L means and L log variances, Shape<2 L>, and a decoder that makes logits
/// of pixels of a latent vector, Shape<L>. Two models, trained together:
///   const auto losses = vae.forward(images, step);
///   vae.zero_grad();
///   vae.backward();
/// errors compile: an encoder that puts out no vector of even size, a decoder that puts out no Image
/// ref    Kingma & Welling 2014, arXiv:1312.6114; beta: Higgins et al. 2017
template <class Encoder, class Decoder, AnyShape In, class B = Cpu,
          Precision P = Precision::float32>
class Vae {
  using Encoded = Output<Encoder, In>;
  static constexpr int latent = detail::latent_of<Encoded>();

 public:
  using image_shape = In;
  using latent_shape = Shape<latent>;
  using encoder_model = Model<Encoder, In, B, P>;
  using decoder_model =
      Model<detail::CheckedDecoder<Decoder, latent_shape, In>, latent_shape, B, P>;

  explicit Vae(Seed seed, PixelModel pixels = PixelModel::bernoulli)
      : noise_{seed, Stream::noise},
        pixels_{pixels},
        encoder_{Seed{2 * seed.value}},
        decoder_{Seed{2 * seed.value + 1}} {}

  encoder_model& encoder() { return encoder_; }
  decoder_model& decoder() { return decoder_; }

  void train(bool on = true) {
    encoder_.train(on);
    decoder_.train(on);
  }
  void eval() { train(false); }
  bool training() const { return encoder_.training(); }

  /// Encodes, draws one z for each image and decodes. `draw` numbers the draw: the same number gives
  /// the same noise. The images must stay unchanged until backward.
  VaeLosses forward(const TensorRef<In, B>& images, std::uint64_t draw) {
    own_noise_.resize(images.shard());
    B::normal(own_noise_.span().size(), noise_, draw, own_noise_.data(),
              images.shard().first * latent);
    return forward(images, own_noise_);
  }

  /// The same with given standard normal noise, which must stay unchanged too.
  /// errors run: noise for another number of images
  VaeLosses forward(const TensorRef<In, B>& images, const TensorRef<latent_shape, B>& noise) {
    require(noise.size() == images.size(), "a VAE got ", images.size(), " images and noise for ",
            noise.size());
    images_ = images;
    used_noise_ = noise;
    encoded_ = encoder_.forward(images);
    z_.resize(images.shard());
    B::reparametrise(images.size(), static_value<latent_shape::size>, encoded_.data(), noise.data(),
                     z_.data());
    logits_ = decoder_.forward(z_);
    const auto count = static_cast<double>(images.shard().total);
    double kl = 0.0;
    for (const double dimension : divergences())
      kl += dimension;
    return {reconstruction_sum() / count, kl / count};
  }

  /// Adds the gradients of reconstruction + beta * kl of the last forward.
  void backward(float beta = 1.0F) {
    const float scale = 1.0F / static_cast<float>(images_.shard().total);
    if (pixels_ == PixelModel::bernoulli)
      decoder_.backward(LossGradient<CrossEntropyOfLogit, In, B>{logits_, images_, scale},
                        Gradients::parameters_and_input);
    else
      decoder_.backward(LossGradient<HalfSquaredErrorOfLogit, In, B>{logits_, images_, scale},
                        Gradients::parameters_and_input);
    encoder_.backward(
        EncodedGradient{encoded_, used_noise_, decoder_.input_gradient(), beta * scale});
  }

  void zero_grad() {
    encoder_.zero_grad();
    decoder_.zero_grad();
  }

  /// The divergence of each latent dimension in the last forward, summed over its images, in nats.
  std::span<const double> divergences() {
    divergences_.assign(latent, 0.0);
    B::add_divergence(encoded_.size(), static_value<latent_shape::size>, encoded_.data(),
                      divergences_.data());
    if (Replica* const replica = encoded_.shard().replica) replica->sum(divergences_);
    return divergences_;
  }

  /// The means of q(z | x): what a picture is reconstructed from. Valid until the next call.
  TensorRef<latent_shape, B> encode(const TensorRef<In, B>& images) {
    encoded_ = encoder_.forward(images);
    z_.resize(images.size());
    zeros_.resize(images.size());
    B::reparametrise(images.size(), static_value<latent_shape::size>, encoded_.data(),
                     zeros_.data(), z_.data());
    return z_;
  }

  /// The images that a decoder expects for latent vectors: sigmoids of its logits. Valid until the
  /// next call.
  TensorRef<In, B> decode(const TensorRef<latent_shape, B>& z) {
    const auto logits = decoder_.forward(z);
    decoded_.resize(z.size());
    B::template activation<Sigmoid>(logits.span().size(), logits.data(), decoded_.data());
    return decoded_;
  }

  /// The last forward's reconstruction, as `decode` gives it.
  TensorRef<In, B> reconstruction() {
    decoded_.resize(logits_.size());
    B::template activation<Sigmoid>(logits_.span().size(), logits_.data(), decoded_.data());
    return decoded_;
  }

 private:
  /// d loss / d encoded, from d loss / d z and the divergence.
  struct EncodedGradient {
    using shape_type = Encoded;
    TensorRef<Encoded, B> encoded;
    TensorRef<latent_shape, B> noise;
    TensorRef<latent_shape, B> dz;
    float scale;

    std::size_t size() const { return encoded.size(); }
    void write_to(float* gradient) const {
      B::variational_gradient(encoded.size(), static_value<latent_shape::size>, encoded.data(),
                              noise.data(), dz.data(), scale, gradient);
    }
  };

  double reconstruction_sum() const {
    const std::size_t count = logits_.span().size();
    return logits_.shard().sum(
        pixels_ == PixelModel::bernoulli
            ? B::template loss_sum<CrossEntropyOfLogit>(count, logits_.data(), images_.data())
            : B::template loss_sum<HalfSquaredErrorOfLogit>(count, logits_.data(), images_.data()));
  }

  Philox noise_;
  PixelModel pixels_;
  encoder_model encoder_;
  decoder_model decoder_;
  TensorRef<In, B> images_;
  TensorRef<Encoded, B> encoded_;
  TensorRef<latent_shape, B> used_noise_;
  TensorRef<In, B> logits_;
  Tensor<latent_shape, B> z_, own_noise_, zeros_;
  Tensor<In, B> decoded_;
  std::vector<double> divergences_;
};

}  // namespace lamina::inline LAMINA_ISA
