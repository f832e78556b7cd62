// SPDX-License-Identifier: MIT
#pragma once
// What a network is told beside its images: a time step, a class. N images; F values of the
// condition; C channels, H rows, W columns.

#include <cstddef>
#include <cstdint>

#include "lamina/backend/cpu/window_geometry.hpp"
#include "lamina/core/static_value.hpp"
#include "lamina/layers/layer.hpp"
#include "lamina/layers/pass.hpp"
#include "lamina/layers/weighted.hpp"

namespace lamina {

/// y = x + W c + b at every pixel, where c is the condition that forward(images, condition) was
/// given: x + linear(c)[:, :, None, None] with torch.nn.Linear(Features, Channels). All of a
/// network's AddConditions see the same c. Its own gradient is not computed.
/// input  (N, C, H, W) or (N, C), condition (N, F) -> output (N, C, H, W) or (N, C)
/// errors compile: another channel count, another number of features than an AddCondition in front;
///        an argument is too small
template <int Features, int Channels>
struct AddCondition {
  static constexpr int features = detail::clamped(1, Features);

  template <int Reaching>
  using with_channels = AddCondition<Features, Reaching>;

  static constexpr LayerInfo describe(Dims in) {
    LayerInfo info;
    const int channels = in.channels();
    info.output = info.expected = in;
    if (features != Features || !detail::is_count(Channels)) {
      info.problem = Problem::numbers;
    } else if (Channels != infer && channels != Channels) {
      info.expected.extents[0] = Channels;
      info.problem = Problem::channels;
    }
    info.add_parameter({.name = "weight",
                        .shape = make_dims(channels, features),
                        .storage = Storage::linear,
                        .start = Start::uniform_fan_in,
                        .fan_in = features});
    info.add_parameter({.name = "bias",
                        .shape = make_dims(channels),
                        .start = Start::uniform_fan_in,
                        .fan_in = features});
    info.multiply_adds = std::int64_t{features} * channels;
    info.condition_features = features;
    info.memory.overwrites_input = true;
    info.memory.overwrites_gradient = true;
    return info;
  }
  static constexpr Text name() {
    return Channels == infer ? name_with("AddCondition", Features, "infer")
                             : name_with("AddCondition", Features, Channels);
  }

  template <class In, class B>
  struct Run {
    static constexpr std::size_t channels = static_cast<std::size_t>(In::value.channels());
    static constexpr std::size_t pixels = static_cast<std::size_t>(In::value.pixels());
    /// The linear layer from the condition to one vector for each image, which lies in the
    /// workspace behind what that layer needs.
    static constexpr WindowGeometry geometry = linear_geometry(Features, In::value.channels());
    using Dense = detail::GatherLayer<B, geometry, Bias::yes>;
    static constexpr WorkspaceSize dense_workspace = Dense::workspace();

    static constexpr WorkspaceSize workspace() {
      return {dense_workspace.fixed, dense_workspace.per_image + channels};
    }
    static void forward(const ForwardPass<B>& pass) {
      ForwardPass<B> dense = pass;
      dense.x = pass.condition;
      dense.y = vectors(pass);
      Dense::forward(dense);
      B::add_to_pixels(pass.images, static_value<pixels>, static_value<channels>, pass.x, dense.y,
                       pass.y);
    }
    static void backward(const BackwardPass<B>& pass) {
      if (pass.gradients[0] != nullptr) {
        B::sum_pixels(pass.images, static_value<pixels>, static_value<channels>, pass.dy,
                      vectors(pass));
        BackwardPass<B> dense = pass;
        dense.x = pass.condition;
        dense.dy = vectors(pass);
        dense.dx = nullptr;
        Dense::backward(dense);
      }
      if (pass.dx != nullptr) B::copy(pass.images * In::size, pass.dy, pass.dx);
    }

   private:
    template <class Pass>
    static float* vectors(const Pass& pass) {
      return pass.workspace + dense_workspace.of(pass.images);
    }
  };
};

}  // namespace lamina
