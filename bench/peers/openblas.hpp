// SPDX-License-Identifier: MIT
#pragma once
// The matrix product inside of a windowed product, by OpenBLAS.

#include <algorithm>
#include <cstddef>
#include <string>

#include <cblas.h>

#include "lamina/core/threads.hpp"

#include "peers/window_problem.hpp"
#include "reference/window.hpp"

namespace bench {

/// Only the product of matrices is computed by compute(): windows are copied into columns before (im2col),
/// and added up from columns after it (col2im). So its time is less than OpenBLAS would need in a network.
class OpenBlas {
 public:
  static std::string version() {
    const std::string text = openblas_get_config();  // "OpenBLAS 0.3.21 ..."
    const std::size_t start = text.find(' ') + 1;
    return text.substr(start, text.find(' ', start) - start);
  }

  explicit OpenBlas(const WindowProblem& problem)
      : problem_(problem),
        rows_(problem.images * problem.geometry.small_pixels()),
        window_(problem.geometry.taps() * problem.geometry.big_channels),
        columns_(window::as_size(std::ptrdiff_t{rows_} * window_)),
        result_(problem.product == Product::gather
                    ? window::as_size(problem.images * problem.geometry.small_size())
                : problem.product == Product::weights
                    ? window::as_size(std::ptrdiff_t{window_} * problem.geometry.small_channels)
                    : 0) {
    openblas_set_num_threads(lamina::num_threads());
    if (problem.product != Product::scatter)
      for_each_tap([&](std::ptrdiff_t pixel, std::ptrdiff_t column) {
        std::copy_n(problem.big + pixel, problem.geometry.big_channels, columns_.data() + column);
      });
  }

  void compute() {
    const int channels = problem_.geometry.small_channels;
    if (problem_.product == Product::gather)
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows_, channels, window_, 1.0F,
                  columns_.data(), window_, problem_.weights, channels, 0.0F, result_.data(),
                  channels);
    else if (problem_.product == Product::scatter)
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows_, window_, channels, 1.0F,
                  problem_.small, channels, problem_.weights, channels, 0.0F, columns_.data(),
                  window_);
    else
      cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, window_, channels, rows_, 1.0F,
                  columns_.data(), window_, problem_.small, channels, 0.0F, result_.data(),
                  channels);
  }

  /// Writes the result in the order of the problem.
  void store(float* result) const {
    if (problem_.product != Product::scatter) {
      std::copy_n(result_.data(), result_.size(), result);
      return;
    }
    std::fill_n(result, problem_.images * problem_.geometry.big_size(), 0.0F);
    for_each_tap([&](std::ptrdiff_t pixel, std::ptrdiff_t column) {
      for (int c = 0; c < problem_.geometry.big_channels; ++c)
        result[pixel + c] += columns_.data()[column + c];
    });
  }

 private:
  /// Calls visit(where a pixel of the big grid starts, where its copy among the columns does).
  void for_each_tap(auto&& visit) const {
    const lamina::WindowGeometry& g = problem_.geometry;
    for (int row = 0; row < rows_; ++row) {
      const int image = row / g.small_pixels();
      const int y = row % g.small_pixels() / g.small_width * g.stride - g.padding;
      const int x = row % g.small_width * g.stride - g.padding;
      for (int tap = 0; tap < g.taps(); ++tap) {
        const int big_y = y + tap / g.kernel;
        const int big_x = x + tap % g.kernel;
        if (big_y < 0 || big_x < 0 || big_y >= g.big_height || big_x >= g.big_width) continue;
        visit(image * g.big_size() + (big_y * g.big_width + big_x) * g.big_channels,
              std::ptrdiff_t{row} * window_ + tap * g.big_channels);
      }
    }
  }

  WindowProblem problem_;
  int rows_, window_;
  window::Floats columns_;  // (rows, window)
  window::Floats result_;
};

}  // namespace bench
