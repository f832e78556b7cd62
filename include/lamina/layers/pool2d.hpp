// SPDX-License-Identifier: MIT
#pragma once
// Pooling. N images; C channels, H rows, W columns; k kernel, s stride, p padding.

#include "lamina/backend/cpu/window_geometry.hpp"
#include "lamina/layers/layer.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina {

namespace detail {

constexpr LayerInfo describe_pool(Dims in, int kernel, int stride, int padding) {
  LayerInfo info;
  const int k = clamped(1, kernel);
  const int p = clamped(0, padding);
  const int least = clamped(1, k - 2 * p);
  const auto extent = [&](int size) {
    const int room = size + 2 * p - k;
    return room < 0 ? 1 : room / clamped(1, stride) + 1;
  };
  info.output = make_dims(in.channels(), extent(in.height()), extent(in.width()));
  info.expected = in;
  if (kernel < 1 || stride < 1 || padding < 0) {
    info.problem = Problem::numbers;
  } else if (2 * padding > kernel) {
    info.problem = Problem::padding;
  } else if (in.rank != 3) {
    info.problem = Problem::needs_image;
  } else if (in.height() < least || in.width() < least) {
    info.problem = Problem::window;
    info.expected = make_dims(in.channels(), least, least);
  }
  info.window = {.kernel = kernel, .stride = stride, .padding = padding};
  return info;
}

template <class In, int Kernel, int Stride, int Padding>
inline constexpr WindowGeometry pool_geometry =
    conv2d_geometry(In::value.height(), In::value.width(), In::value.channels(),
                    In::value.channels(), Kernel, Stride, Padding);

}  // namespace detail

/// The largest value of each window (torch.nn.MaxPool2d). Padding never wins; of equal values the
/// first, in rows from the top left, gets the gradient.
/// input  (N, C, H, W) -> output (N, C, H', W'), H' = floor((H + 2p - k) / s) + 1
/// errors compile: the input is no image, k > H + 2p or p > k / 2; an argument is too small
template <int Kernel, int Stride = Kernel, int Padding = 0>
struct MaxPool2d {
  static constexpr LayerInfo describe(Dims in) {
    LayerInfo info = detail::describe_pool(in, Kernel, Stride, Padding);
    info.memory.backward_reads_input = true;
    return info;
  }
  static constexpr Text name() { return name_with("MaxPool2d", Kernel, Stride, Padding); }

  template <class In, class B>
  struct Run {
    static constexpr WindowGeometry window = detail::pool_geometry<In, Kernel, Stride, Padding>;
    static constexpr WorkspaceSize workspace() { return {}; }
    static void forward(const ForwardPass<B>& pass) {
      B::max_pool(pass.images, static_window<window>, pass.x, pass.y);
    }
    static void backward(const BackwardPass<B>& pass) {
      if (pass.dx != nullptr)
        B::max_pool_gradient(pass.images, static_window<window>, pass.x, pass.dy, pass.dx);
    }
  };
};

/// The mean of each window, zeros of the padding included (torch.nn.AvgPool2d).
/// input  (N, C, H, W) -> output (N, C, H', W'), H' = floor((H + 2p - k) / s) + 1
/// errors compile: the input is no image, k > H + 2p or p > k / 2; an argument is too small
template <int Kernel, int Stride = Kernel, int Padding = 0>
struct AvgPool2d {
  static constexpr LayerInfo describe(Dims in) {
    return detail::describe_pool(in, Kernel, Stride, Padding);
  }
  static constexpr Text name() { return name_with("AvgPool2d", Kernel, Stride, Padding); }

  template <class In, class B>
  struct Run {
    static constexpr WindowGeometry window = detail::pool_geometry<In, Kernel, Stride, Padding>;
    static constexpr float share = 1.0F / static_cast<float>(window.taps());
    static constexpr WorkspaceSize workspace() { return {}; }
    static void forward(const ForwardPass<B>& pass) {
      B::window_sum(pass.images, static_window<window>, share, pass.x, pass.y);
    }
    static void backward(const BackwardPass<B>& pass) {
      if (pass.dx != nullptr)
        B::window_spread(pass.images, static_window<window>, share, pass.dy, pass.dx);
    }
  };
};

}  // namespace lamina
