// SPDX-License-Identifier: MIT
#pragma once
// torch.nn.MaxPool2d and AvgPool2d (count_include_pad=True): x (N, C, H, W), window k, stride s,
// padding p, y (N, C, H', W') with H' = floor((H + 2p - k) / s) + 1. And torch.nn.Upsample
// (nearest), whose output has the extents of a pool's input.

#include <cstddef>
#include <limits>
#include <vector>

#include "reference/values.hpp"

namespace reference {

struct Pool2d {
  int batch = 1, channels = 1, height = 1, width = 1;
  int kernel = 1, stride = 1, padding = 0;

  int out_height() const { return (height + 2 * padding - kernel) / stride + 1; }
  int out_width() const { return (width + 2 * padding - kernel) / stride + 1; }
  Extents4 input() const { return {batch, channels, height, width}; }
  Extents4 output() const { return {batch, channels, out_height(), out_width()}; }
};

namespace detail {

/// Calls f(input offset, output offset) for every pixel under every window, in rows.
template <class F>
void for_each_pooled(const Pool2d& s, F f) {
  const Extents4 x = s.input(), y = s.output();
  for (int n = 0; n < y.n; ++n)
    for (int c = 0; c < y.c; ++c)
      for (int oh = 0; oh < y.h; ++oh)
        for (int ow = 0; ow < y.w; ++ow)
          for (int kh = 0; kh < s.kernel; ++kh)
            for (int kw = 0; kw < s.kernel; ++kw) {
              const int ih = oh * s.stride - s.padding + kh;
              const int iw = ow * s.stride - s.padding + kw;
              if (ih < 0 || ih >= x.h || iw < 0 || iw >= x.w) continue;
              f(x(n, c, ih, iw), y(n, c, oh, ow));
            }
}

}  // namespace detail

inline Values max_pool2d(const Pool2d& s, const Values& input) {
  expect_size(input, s.input().size(), "max_pool2d input");
  Values output(s.output().size(), -std::numeric_limits<double>::infinity());
  detail::for_each_pooled(s, [&](std::size_t x, std::size_t y) {
    if (input[x] > output[y]) output[y] = input[x];
  });
  return output;
}

/// The first of equal values gets the gradient.
inline Values max_pool2d_backward(const Pool2d& s, const Values& input,
                                  const Values& output_gradient) {
  expect_size(output_gradient, s.output().size(), "max_pool2d output gradient");
  Values largest(s.output().size(), -std::numeric_limits<double>::infinity());
  std::vector<std::size_t> where(largest.size());
  detail::for_each_pooled(s, [&](std::size_t x, std::size_t y) {
    if (!(input[x] > largest[y])) return;
    largest[y] = input[x];
    where[y] = x;
  });
  Values gradient(input.size());
  for (std::size_t y = 0; y < where.size(); ++y)
    gradient[where[y]] += output_gradient[y];
  return gradient;
}

inline Values avg_pool2d(const Pool2d& s, const Values& input) {
  expect_size(input, s.input().size(), "avg_pool2d input");
  Values output(s.output().size());
  detail::for_each_pooled(
      s, [&](std::size_t x, std::size_t y) { output[y] += input[x] / (s.kernel * s.kernel); });
  return output;
}

inline Values avg_pool2d_backward(const Pool2d& s, const Values& output_gradient) {
  expect_size(output_gradient, s.output().size(), "avg_pool2d output gradient");
  Values gradient(s.input().size());
  detail::for_each_pooled(s, [&](std::size_t x, std::size_t y) {
    gradient[x] += output_gradient[y] / (s.kernel * s.kernel);
  });
  return gradient;
}

/// `s` is the pool with kernel = stride = scale that leads back.
inline Values upsample(const Pool2d& s, const Values& input) {
  expect_size(input, s.output().size(), "upsample input");
  Values output(s.input().size());
  detail::for_each_pooled(s,
                          [&](std::size_t big, std::size_t small) { output[big] = input[small]; });
  return output;
}

inline Values upsample_backward(const Pool2d& s, const Values& output_gradient) {
  expect_size(output_gradient, s.input().size(), "upsample output gradient");
  Values gradient(s.output().size());
  detail::for_each_pooled(
      s, [&](std::size_t big, std::size_t small) { gradient[small] += output_gradient[big]; });
  return gradient;
}

}  // namespace reference
