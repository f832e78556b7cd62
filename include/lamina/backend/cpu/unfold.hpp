// SPDX-License-Identifier: MIT
#pragma once
// What a pixel's window meets, copied side by side: with one to four input channels there is too little in
// a row of the window for a loop of its own.

#include <algorithm>
#include <array>
#include <cstddef>

#include "lamina/backend/cpu/simd.hpp"
#include "lamina/backend/cpu/window_product.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

/// What the unfolded floats of a pixel are multiplied into: rows of weights.
struct UnfoldedRows {
  std::array<int, 1024 + 8> weight_row;
  int count = 0;
};

inline UnfoldedRows unfolded_rows(const WindowProduct& product) {
  UnfoldedRows rows;
  for (int y = 0; y < product.rows.taps; ++y) {
    for (int x = 0; x < product.columns.taps; ++x) {
      const int tap = (product.rows.tap_first + y * product.rows.tap_step) * product.kernel_width +
                      product.columns.tap_first + x * product.columns.tap_step;
      for (int c = 0; c < product.input_channels; ++c) {
        rows.weight_row[static_cast<std::size_t>(rows.count++)] = tap * product.input_channels + c;
      }
    }
  }
  return rows;
}

/// Zeros from `to` on; up to lanes - 1 more than `count`.
inline void clear_floats(float* to, int count) {
  for (int i = 0; i < count; i += lanes)
    store_unaligned(to + i, broadcast(0.0F));
}

/// Copies `count` floats; up to lanes - 1 behind them become zero.
inline void copy_floats(const float* from, float* to, int count) {
  for (int i = 0; i < count; i += lanes)
    store_unaligned(to + i, load_partial(from + i, (std::min)(lanes, count - i)));
}

/// Writes what the output pixels (row, [column, last)) meet, `stride` floats apart: taps x channels floats
/// each, zeros outside the input and behind. May overwrite `lanes` floats behind the last.
inline void unfold_pixels(const WindowProduct& product, const float* input, int row, int column,
                          int last, int stride, float* to) {
  const WindowAxis& axis = product.columns;
  const int channels = product.input_channels;
  const int row_floats = axis.taps * channels;
  const IntRange rows = product.rows.taps_of(row);
  const int above = rows.first * row_floats;
  const int below = stride - rows.last * row_floats;
  const std::ptrdiff_t input_row = product.input_row;
  const float* const first_row =
      input + (product.rows.input_at(row, 0) + rows.first) * product.input_row;
  // What is written too much is overwritten by the next row of taps, or by the next pixel.
  const auto unfold = [&](int end, auto&& unfold_taps) __attribute__((always_inline)) {
    for (; column < end; ++column, to += stride) {
      clear_floats(to, above);
      float* at = to + above;
      const int first_tap = axis.taps_of(column).first;
      const float* from =
          first_row + std::ptrdiff_t{1} * channels * axis.input_at(column, first_tap);
      for (int y = rows.first; y < rows.last; ++y, from += input_row, at += row_floats)
        unfold_taps(from, at);
      clear_floats(at, below);
    }
  };
  const auto unfold_clipped = [&](const float* from, float* at) {
    const IntRange taps = axis.taps_of(column);
    clear_floats(at, row_floats);
    copy_floats(from, at + taps.first * channels, (taps.last - taps.first) * channels);
  };
  // The columns between those that miss a tap on either side.
  const int whole = (std::min)(last, axis.outputs_of(0, 0, axis.count).first);
  const int whole_end = (std::min)(last, axis.outputs_of(axis.taps - 1, 0, axis.count).last);
  unfold(whole, unfold_clipped);
  if (row_floats <= lanes) {
    unfold(whole_end, [&](const float* from, float* at) __attribute__((always_inline)) {
      store_unaligned(at, load_partial(from, row_floats));
    });
  } else {
    unfold(whole_end, [&](const float* from, float* at) { copy_floats(from, at, row_floats); });
  }
  unfold(last, unfold_clipped);
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
