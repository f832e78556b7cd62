// SPDX-License-Identifier: MIT
#pragma once
// The geometry behind convolution, transposed convolution and linear layers: a window of
// kernel x kernel taps that slides over a big grid, once per pixel of a small grid.
// Light: no SIMD, no threads.

#include <cstddef>

namespace lamina {

/// A windowed product of a big grid (H x W x C) and a small one: h = floor((H + 2p - k) / s) + 1.
/// Conv2d reads the big grid and writes the small one, ConvTranspose2d the other way round;
/// Linear has two grids of one pixel. Tensors are (N, H, W, C) floats without gaps.
struct WindowGeometry {
  int big_height, big_width, big_channels;
  int small_height, small_width, small_channels;
  int kernel, stride, padding;

  friend constexpr bool operator==(const WindowGeometry&, const WindowGeometry&) = default;

  constexpr int taps() const { return kernel * kernel; }
  constexpr int big_pixels() const { return big_height * big_width; }
  constexpr int small_pixels() const { return small_height * small_width; }
  constexpr std::ptrdiff_t big_size() const {
    return std::ptrdiff_t{1} * big_pixels() * big_channels;
  }
  constexpr std::ptrdiff_t small_size() const {
    return std::ptrdiff_t{1} * small_pixels() * small_channels;
  }

  /// The window is the whole big grid, so that the product is a plain matrix product.
  constexpr bool is_matrix_product() const {
    return small_pixels() == 1 && padding == 0 && big_height == kernel && big_width == kernel;
  }
};

/// A geometry as an argument whose type says which it is, as static_value is a number.
template <WindowGeometry G>
struct StaticWindow {
  static constexpr WindowGeometry value = G;
  constexpr operator const WindowGeometry&() const { return value; }
};
template <WindowGeometry G>
inline constexpr StaticWindow<G> static_window{};

/// Which grid's channels run along the vector lanes of a layer's packed weights:
/// `small` for Conv2d and Linear (their outputs), `big` for ConvTranspose2d (its outputs).
enum class LanesAre { small, big };

/// The geometry of a Conv2d from (height, width, channels in) to channels out.
constexpr WindowGeometry conv2d_geometry(int height, int width, int in, int out, int kernel,
                                         int stride, int padding) {
  return {height,
          width,
          in,
          (height + 2 * padding - kernel) / stride + 1,
          (width + 2 * padding - kernel) / stride + 1,
          out,
          kernel,
          stride,
          padding};
}

/// The geometry of a ConvTranspose2d from (height, width, channels in) to channels out.
constexpr WindowGeometry conv_transpose2d_geometry(int height, int width, int in, int out,
                                                   int kernel, int stride, int padding,
                                                   int output_padding) {
  return {(height - 1) * stride - 2 * padding + kernel + output_padding,
          (width - 1) * stride - 2 * padding + kernel + output_padding,
          out,
          height,
          width,
          in,
          kernel,
          stride,
          padding};
}

/// The geometry of a Linear layer.
constexpr WindowGeometry linear_geometry(int in, int out) {
  return {1, 1, in, 1, 1, out, 1, 1, 0};
}

}  // namespace lamina
