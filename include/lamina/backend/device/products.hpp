// SPDX-License-Identifier: MIT
#pragma once
// What is asked of a device's libraries: matrix products as cuBLASLt takes them and windowed products as
// cuDNN does, as plain numbers. A device that has no library computes them from the same numbers.

#include <cstddef>

#include "lamina/backend/cpu/window_geometry.hpp"

namespace lamina {

/// C = op(A) op(B), or C += op(A) op(B), in the terms of BLAS: all matrices are stored column after column,
/// element (i, j) at i + j * leading dimension. op(A) is rows x inner, op(B) inner x columns.
struct MatrixProduct {
  std::size_t rows, columns, inner;
  bool transpose_a, transpose_b;
  std::size_t lda, ldb, ldc;
  bool accumulate;

  friend constexpr auto operator<=>(const MatrixProduct&, const MatrixProduct&) = default;
};

/// The same for matrices stored row after row without gaps, C (rows x columns) = op(A) op(B). Such a matrix
/// is its own transpose stored by columns, and the transpose of C is op(B)^T op(A)^T: B comes first.
struct RowMajorProduct {
  std::size_t rows, columns, inner;
  bool transpose_a = false;
  bool transpose_b = false;
  bool accumulate = false;

  constexpr MatrixProduct b_first() const {
    return {.rows = columns,
            .columns = rows,
            .inner = inner,
            .transpose_a = transpose_b,
            .transpose_b = transpose_a,
            .lda = transpose_b ? inner : columns,
            .ldb = transpose_a ? rows : inner,
            .ldc = columns,
            .accumulate = accumulate};
  }
};

/// A convolution of `images` images in the terms of cuDNN: x is the big grid (N, H, W, C), y the small one
/// (N, P, Q, K), both channels-last; the filter is (K, R, S, C).
struct Convolution {
  WindowGeometry window;
  std::size_t images;

  constexpr std::size_t filter_size() const {
    return static_cast<std::size_t>(window.taps()) * static_cast<std::size_t>(window.big_channels) *
           static_cast<std::size_t>(window.small_channels);
  }
  constexpr std::size_t big_pixels() const {
    return images * static_cast<std::size_t>(window.big_pixels());
  }
  constexpr std::size_t small_pixels() const {
    return images * static_cast<std::size_t>(window.small_pixels());
  }
  constexpr std::size_t x_size() const {
    return images * static_cast<std::size_t>(window.big_size());
  }
  constexpr std::size_t y_size() const {
    return images * static_cast<std::size_t>(window.small_size());
  }
};

}  // namespace lamina
