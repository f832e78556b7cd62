// SPDX-License-Identifier: MIT
#pragma once
// torch.nn.ConvTranspose2d: every input pixel of x (N, in, H, W) adds its k x k window, weighted by
// W (in, out, k, k), to y (N, out, H', W') with H' = (H - 1) s - 2p + k + output_padding.

#include "reference/conv2d.hpp"
#include "reference/values.hpp"

namespace reference {

struct ConvTranspose2d {
  int batch = 1, in = 1, height = 1, width = 1;
  int out = 1, kernel = 1, stride = 1, padding = 0, output_padding = 0;

  int out_height() const { return (height - 1) * stride - 2 * padding + kernel + output_padding; }
  int out_width() const { return (width - 1) * stride - 2 * padding + kernel + output_padding; }
  Extents4 input() const { return {batch, in, height, width}; }
  Extents4 weight() const { return {in, out, kernel, kernel}; }
  Extents4 output() const { return {batch, out, out_height(), out_width()}; }
};

namespace detail {

/// Calls f(input offset, weight offset, output offset) once for every product. What falls outside
/// the output (the padding cut off) is left out.
template <class F>
void for_each_product(const ConvTranspose2d& s, F f) {
  const Extents4 x = s.input(), k = s.weight(), y = s.output();
  for (int n = 0; n < x.n; ++n)
    for (int i = 0; i < x.c; ++i)
      for (int ih = 0; ih < x.h; ++ih)
        for (int iw = 0; iw < x.w; ++iw)
          for (int o = 0; o < y.c; ++o)
            for (int kh = 0; kh < s.kernel; ++kh)
              for (int kw = 0; kw < s.kernel; ++kw) {
                const int oh = ih * s.stride - s.padding + kh;
                const int ow = iw * s.stride - s.padding + kw;
                if (oh < 0 || oh >= y.h || ow < 0 || ow >= y.w) continue;
                f(x(n, i, ih, iw), k(i, o, kh, kw), y(n, o, oh, ow));
              }
}

}  // namespace detail

/// An empty `bias` means none.
inline Values conv_transpose2d(const ConvTranspose2d& s, const Values& input, const Values& weight,
                               const Values& bias) {
  expect_size(input, s.input().size(), "conv_transpose2d input");
  expect_size(weight, s.weight().size(), "conv_transpose2d weight");
  Values output(s.output().size());
  if (!bias.empty()) {
    detail::for_each_pixel(s.output(),
                           [&](std::size_t c, std::size_t y) { output[y] = bias.at(c); });
  }
  detail::for_each_product(
      s, [&](std::size_t x, std::size_t k, std::size_t y) { output[y] += input[x] * weight[k]; });
  return output;
}

inline Gradients conv_transpose2d_backward(const ConvTranspose2d& s, const Values& input,
                                           const Values& weight, const Values& output_gradient) {
  expect_size(output_gradient, s.output().size(), "conv_transpose2d output gradient");
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
