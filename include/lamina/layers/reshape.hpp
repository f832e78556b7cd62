// SPDX-License-Identifier: MIT
#pragma once
// Flatten and Unflatten. Values keep PyTorch's order (C, H, W); since images lie channels-last in
// memory, a reshape of an image with several channels and several pixels moves them.

#include <cstddef>

#include "lamina/core/static_value.hpp"
#include "lamina/layers/layer.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina {

namespace detail {

/// Whether an image lies in memory in PyTorch's order already.
constexpr bool is_vector_in_memory(Dims image) {
  return image.channels() == 1 || image.pixels() == 1;
}

/// Image to vector: forward of Flatten, backward of Unflatten. A view runs nothing.
template <class B, class Image, bool ToVector>
struct ReshapeLayer {
  static constexpr WorkspaceSize workspace() { return {}; }

  static void forward(const ForwardPass<B>& pass) { move<ToVector>(pass.images, pass.x, pass.y); }
  static void backward(const BackwardPass<B>& pass) {
    if (pass.dx != nullptr) move<!ToVector>(pass.images, pass.dy, pass.dx);
  }

 private:
  template <bool ImageToVector>
  static void move(std::size_t images, const float* from, float* to) {
    constexpr Dims image = Image::value;
    if constexpr (ImageToVector)
      B::image_to_vector(images, static_value<image.channels()>, static_value<image.pixels()>, from,
                         to);
    else
      B::vector_to_image(images, static_value<image.channels()>, static_value<image.pixels()>, from,
                         to);
  }
};

}  // namespace detail

/// All dimensions of one image in a row (torch.nn.Flatten).
/// input  (N, C, H, W) -> output (N, C * H * W), in this order
struct Flatten {
  static constexpr LayerInfo describe(Dims in) {
    LayerInfo info;
    info.expected = in;
    info.output = make_dims(static_cast<int>(in.size()));
    info.memory.view = detail::is_vector_in_memory(in);
    return info;
  }
  static constexpr Text name() { return Text{} << "Flatten"; }
  template <class In, class B>
  using Run = detail::ReshapeLayer<B, In, true>;
};

/// A vector seen as an image: torch.nn.Unflatten(1, (C, H, W)).
/// input  (N, C * H * W) -> output (N, C, H, W)
/// errors compile: the input is no vector, or of another size; an argument is too small
template <int Channels, int Height, int Width>
struct Unflatten {
  using image =
      Shape<detail::clamped(1, Channels), detail::clamped(1, Height), detail::clamped(1, Width)>;

  static constexpr LayerInfo describe(Dims in) {
    LayerInfo info;
    info.output = image::value;
    info.expected = make_dims(static_cast<int>(image::size));
    if (Channels < 1 || Height < 1 || Width < 1)
      info.problem = Problem::numbers;
    else if (in.rank != 1)
      info.problem = Problem::needs_vector;
    else if (in != info.expected)
      info.problem = Problem::reshape;
    info.memory.view = detail::is_vector_in_memory(image::value);
    return info;
  }
  static constexpr Text name() { return name_with("Unflatten", Channels, Height, Width); }
  template <class In, class B>
  using Run = detail::ReshapeLayer<B, image, false>;
};

}  // namespace lamina
