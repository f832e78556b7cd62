// SPDX-License-Identifier: MIT
#pragma once
// Group normalisation. N images; C channels (features), H rows, W columns.

#include <cstddef>

#include "lamina/core/static_value.hpp"
#include "lamina/layers/layer.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina {

/// y = (x - mean) / sqrt(variance + 1e-5) * weight + bias (torch.nn.GroupNorm(groups, channels)),
/// with the mean and biased variance of each image over each group of channels. Training and
/// evaluation are the same.
/// input  (N, C, H, W) or (N, C) -> output the same
/// errors compile: another channel count, or one that the groups do not divide; an argument is too
///        small
/// ref    Wu & He 2018, arXiv:1803.08494
template <int Groups, int Channels>
struct GroupNorm {
  static constexpr double epsilon = 1e-5;

  template <int Reaching>
  using with_channels = GroupNorm<Groups, Reaching>;

  static constexpr LayerInfo describe(Dims in) {
    LayerInfo info;
    info.output = info.expected = in;
    if (Groups < 1 || !detail::is_count(Channels)) {
      info.problem = Problem::numbers;
    } else if (Channels != infer && in.channels() != Channels) {
      info.expected.extents[0] = Channels;
      info.problem = Problem::channels;
    } else if (in.channels() % detail::clamped(1, Groups) != 0) {
      info.problem = Problem::groups;
    }
    const Dims vector = make_dims(in.channels());
    info.add_parameter({.name = "weight", .shape = vector, .start = Start::ones});
    info.add_parameter({.name = "bias", .shape = vector, .start = Start::zeros});
    info.memory.backward_reads_input = true;
    info.memory.overwrites_gradient = true;
    info.memory.saved_per_image = 2 * detail::clamped(1, Groups);  // mean and 1 / deviation
    return info;
  }
  static constexpr Text name() {
    return Channels == infer ? name_with("GroupNorm", Groups, "infer")
                             : name_with("GroupNorm", Groups, Channels);
  }

  template <class In, class B>
  struct Run {
    static constexpr int channels = In::value.channels();
    static constexpr std::size_t pixels = static_cast<std::size_t>(In::value.pixels());

    static constexpr WorkspaceSize workspace() { return B::group_norm_workspace(channels); }
    static void forward(const ForwardPass<B>& pass) {
      const auto [gamma, beta] = pass.parameters;
      B::group_norm(pass.images, static_value<pixels>, static_value<channels>, static_value<Groups>,
                    epsilon, gamma, beta, pass.x, pass.saved, pass.y, pass.workspace);
    }
    static void backward(const BackwardPass<B>& pass) {
      B::group_norm_gradient(pass.images, static_value<pixels>, static_value<channels>,
                             static_value<Groups>, pass.saved, pass.parameters[0], pass.x, pass.dy,
                             pass.gradients[0], pass.gradients[1], pass.dx, pass.workspace);
    }
  };
};

}  // namespace lamina
