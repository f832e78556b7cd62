// SPDX-License-Identifier: MIT
#pragma once
// Batch normalisation. N images; C channels (features), H rows, W columns.

#include <cstddef>

#include "lamina/core/static_value.hpp"
#include "lamina/layers/activations.hpp"
#include "lamina/layers/layer.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina {

/// PyTorch's constants: variance + epsilon; running = (1 - momentum) * running + momentum * batch.
/// For others, write a struct like this one and name it as second argument.
struct BatchNormDefaults {
  static constexpr double epsilon = 1e-5;
  static constexpr double momentum = 0.1;
};

template <int Channels, class Constants = BatchNormDefaults>
struct BatchNorm1d;
template <int Channels, class Constants = BatchNormDefaults>
struct BatchNorm2d;

namespace detail {

template <class B, class In, class Constants>
struct BatchNormLayer {
  static constexpr int channels = In::value.channels();
  static constexpr std::size_t pixels = static_cast<std::size_t>(In::value.pixels());

  static constexpr Neighbour backward_includes = Neighbour::behind;

  static constexpr WorkspaceSize workspace() { return B::batch_norm_workspace(channels); }

  /// Ends with the activation behind the layer.
  template <class Activation = NoActivation>
  static void forward(const ForwardPass<B>& pass) {
    find_statistics(pass);
    B::template batch_norm_apply<Activation>(pass.images, pixels, static_value<channels>,
                                             pass.saved, pass.parameters[0], pass.parameters[1],
                                             pass.x, pass.y, pass.workspace);
  }

  template <class Activation = NoActivation>
  static void backward(const BackwardPass<B>& pass) {
    B::template batch_norm_gradient<Activation>(
        pass.images, pixels, static_value<channels>, pass.mode == Mode::train, pass.saved,
        pass.parameters[0], pass.parameters[1], pass.x, pass.dy, pass.gradients[0],
        pass.gradients[1], pass.dx, pass.workspace);
  }

 private:
  static void find_statistics(const ForwardPass<B>& pass) {
    const auto [running_mean, running_variance] = pass.buffers;
    if (pass.mode == Mode::train)
      B::batch_norm_statistics(pass.images, pixels, static_value<channels>, Constants::epsilon,
                               Constants::momentum, pass.x, running_mean, running_variance,
                               pass.saved, pass.workspace);
    else
      B::batch_norm_use_running(channels, Constants::epsilon, running_mean, running_variance,
                                pass.saved);
  }
};

constexpr LayerInfo describe_batch_norm(Dims in, int channels, int rank) {
  LayerInfo info;
  info.output = info.expected = in;
  if (!is_count(channels)) {
    info.problem = Problem::numbers;
  } else if (in.rank != rank) {
    info.problem = rank == 3 ? Problem::needs_image : Problem::needs_vector;
  } else if (channels != infer && in.channels() != channels) {
    info.expected.extents[0] = channels;
    info.problem = Problem::channels;
  }
  const Dims vector = make_dims(in.channels());
  info.add_parameter({.name = "weight", .shape = vector, .start = Start::ones});
  info.add_parameter({.name = "bias", .shape = vector, .start = Start::zeros});
  info.add_buffer({.name = "running_mean", .shape = vector, .start = Start::zeros});
  info.add_buffer({.name = "running_var", .shape = vector, .start = Start::ones});
  info.counts_batches = true;
  info.memory.backward_reads_input = true;
  info.memory.overwrites_gradient = true;
  info.memory.saved = 2 * in.channels();  // mean and 1 / standard deviation
  return info;
}

}  // namespace detail

/// y = (x - mean) / sqrt(variance + epsilon) * weight + bias per channel (torch.nn.BatchNorm2d).
/// In training the statistics are the batch's (biased variance) and update the running ones
/// (unbiased variance); in evaluation they are the running ones. The batch is that of all replicas
/// (torch.nn.SyncBatchNorm).
/// input  (N, C, H, W) -> output the same
/// errors compile: another channel count, no image; run: training on a single value per channel
/// ref    Ioffe & Szegedy 2015, arXiv:1502.03167
template <int Channels, class Constants>
struct BatchNorm2d {
  template <int Reaching>
  using with_channels = BatchNorm2d<Reaching, Constants>;
  template <int Reaching>
  using for_vectors = BatchNorm1d<Reaching, Constants>;

  static constexpr LayerInfo describe(Dims in) {
    return detail::describe_batch_norm(in, Channels, 3);
  }
  static constexpr Text name() {
    return Channels == infer ? name_with("BatchNorm2d", "infer")
                             : name_with("BatchNorm2d", Channels);
  }
  template <class In, class B>
  using Run = detail::BatchNormLayer<B, In, Constants>;
};

/// The same over vectors (torch.nn.BatchNorm1d): input (N, C) -> output (N, C).
template <int Channels, class Constants>
struct BatchNorm1d {
  template <int Reaching>
  using with_channels = BatchNorm1d<Reaching, Constants>;
  template <int Reaching>
  using for_images = BatchNorm2d<Reaching, Constants>;

  static constexpr LayerInfo describe(Dims in) {
    return detail::describe_batch_norm(in, Channels, 1);
  }
  static constexpr Text name() {
    return Channels == infer ? name_with("BatchNorm1d", "infer")
                             : name_with("BatchNorm1d", Channels);
  }
  template <class In, class B>
  using Run = detail::BatchNormLayer<B, In, Constants>;
};

}  // namespace lamina
