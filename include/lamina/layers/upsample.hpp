// SPDX-License-Identifier: MIT
#pragma once
// Upsampling by repetition. N images; C channels, H rows, W columns.

#include "lamina/backend/cpu/window_geometry.hpp"
#include "lamina/layers/layer.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina {

/// Each pixel Scale x Scale times (torch.nn.Upsample(scale_factor=Scale, mode="nearest")). It is a
/// transposed convolution with a window of ones, and has the formula of one in layer tables.
/// input  (N, C, H, W) -> output (N, C, Scale * H, Scale * W)
/// errors compile: the input is no image; the argument is too small
template <int Scale>
struct Upsample {
  static constexpr int scale = detail::clamped(1, Scale);

  static constexpr LayerInfo describe(Dims in) {
    LayerInfo info;
    info.output = make_dims(in.channels(), in.height() * scale, in.width() * scale);
    info.expected = in;
    if (Scale < 1)
      info.problem = Problem::numbers;
    else if (in.rank != 3)
      info.problem = Problem::needs_image;
    info.window = {.kernel = scale, .stride = scale, .transposed = true};
    return info;
  }
  static constexpr Text name() { return name_with("Upsample", Scale); }

  template <class In, class B>
  struct Run {
    static constexpr WindowGeometry window =
        conv2d_geometry(In::value.height() * Scale, In::value.width() * Scale, In::value.channels(),
                        In::value.channels(), Scale, Scale, 0);
    static constexpr WorkspaceSize workspace() { return {}; }
    static void forward(const ForwardPass<B>& pass) {
      B::window_spread(pass.images, static_window<window>, 1.0F, pass.x, pass.y);
    }
    static void backward(const BackwardPass<B>& pass) {
      if (pass.dx != nullptr)
        B::window_sum(pass.images, static_window<window>, 1.0F, pass.dy, pass.dx);
    }
  };
};

}  // namespace lamina
