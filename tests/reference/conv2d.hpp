// SPDX-License-Identifier: MIT
#pragma once
// torch.nn.Conv2d: 2-D cross-correlation of x (N, in, H, W) with W (out, in, k, k), stride s,
// padding p: y (N, out, H', W') with H' = floor((H + 2p - k) / s) + 1.

#include "reference/values.hpp"

namespace reference {

struct Conv2d {
  int batch = 1, in = 1, height = 1, width = 1;
  int out = 1, kernel = 1, stride = 1, padding = 0;

  int out_height() const { return (height + 2 * padding - kernel) / stride + 1; }
  int out_width() const { return (width + 2 * padding - kernel) / stride + 1; }
  Extents4 input() const { return {batch, in, height, width}; }
  Extents4 weight() const { return {out, in, kernel, kernel}; }
  Extents4 output() const { return {batch, out, out_height(), out_width()}; }
};

namespace detail {

/// Calls f(input offset, weight offset, output offset) once for every product that a convolution
/// sums: forward and both gradients are this one walk. Taps that fall on padding are left out.
template <class F>
void for_each_product(const Conv2d& s, F f) {
  const Extents4 x = s.input(), k = s.weight(), y = s.output();
  for (int n = 0; n < y.n; ++n)
    for (int o = 0; o < y.c; ++o)
      for (int oh = 0; oh < y.h; ++oh)
        for (int ow = 0; ow < y.w; ++ow)
          for (int i = 0; i < x.c; ++i)
            for (int kh = 0; kh < s.kernel; ++kh)
              for (int kw = 0; kw < s.kernel; ++kw) {
                const int ih = oh * s.stride - s.padding + kh;
                const int iw = ow * s.stride - s.padding + kw;
                if (ih < 0 || ih >= x.h || iw < 0 || iw >= x.w) continue;
                f(x(n, i, ih, iw), k(o, i, kh, kw), y(n, o, oh, ow));
              }
}

/// Calls f(channel, offset) for every element of an (N, C, H, W) array.
template <class F>
void for_each_pixel(const Extents4& e, F f) {
  for (int n = 0; n < e.n; ++n)
    for (int c = 0; c < e.c; ++c)
      for (int h = 0; h < e.h; ++h)
        for (int w = 0; w < e.w; ++w)
          f(static_cast<std::size_t>(c), e(n, c, h, w));
}

}  // namespace detail

/// An empty `bias` means none.
inline Values conv2d(const Conv2d& s, const Values& input, const Values& weight,
                     const Values& bias) {
  expect_size(input, s.input().size(), "conv2d input");
  expect_size(weight, s.weight().size(), "conv2d weight");
  Values output(s.output().size());
  if (!bias.empty()) {
    detail::for_each_pixel(s.output(),
                           [&](std::size_t c, std::size_t y) { output[y] = bias.at(c); });
  }
  detail::for_each_product(
      s, [&](std::size_t x, std::size_t k, std::size_t y) { output[y] += input[x] * weight[k]; });
  return output;
}

inline Gradients conv2d_backward(const Conv2d& s, const Values& input, const Values& weight,
                                 const Values& output_gradient) {
  expect_size(output_gradient, s.output().size(), "conv2d output gradient");
  Gradients g{Values(s.input().size()), Values(s.weight().size()),
              Values(static_cast<std::size_t>(s.out))};
  detail::for_each_pixel(s.output(),
                         [&](std::size_t c, std::size_t y) { g.bias[c] += output_gradient[y]; });
  detail::for_each_product(s, [&](std::size_t x, std::size_t k, std::size_t y) {
    g.input[x] += output_gradient[y] * weight[k];
    g.weight[k] += output_gradient[y] * input[x];
  });
  return g;
}

}  // namespace reference
