// SPDX-License-Identifier: MIT
#pragma once
// Gather and scatter as one description: for each output pixel of a lattice, which input pixels
// meet which taps. Everything here is computed by the compiler.

#include <array>
#include <cstddef>

#include "lamina/backend/cpu/packed_layout.hpp"
#include "lamina/backend/cpu/window_geometry.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

/// Quotient rounded towards plus infinity, for a positive divisor.
constexpr int ceil_div(int a, int b) {
  return a >= 0 ? (a + b - 1) / b : -(-a / b);
}

struct IntRange {
  int first, last;  // [first, last)
  constexpr bool empty() const { return first >= last; }
};

constexpr int clamp_to(int value, int low, int high) {
  return value < low ? low : value > high ? high : value;
}

/// One dimension of a windowed product. Output i lies at output_first + i * output_step; with its
/// tap j it meets the input at input_first + i * input_step + j, if that is inside
/// [0, input_extent), and the kernel's tap tap_first + j * tap_step.
struct WindowAxis {
  int count, output_first, output_step;
  int input_extent, input_first, input_step;
  int taps, tap_first, tap_step;

  constexpr int input_at(int output, int tap) const {
    return input_first + output * input_step + tap;
  }

  /// The taps of one output that meet the input.
  constexpr IntRange taps_of(int output) const {
    const int at = input_at(output, 0);
    return {clamp_to(-at, 0, taps), clamp_to(input_extent - at, 0, taps)};
  }

  /// The outputs, counted from `begin` and among the next `columns`, whose tap meets the input.
  constexpr IntRange outputs_of(int tap, int begin, int columns) const {
    const int at = input_at(begin, tap);
    return {clamp_to(ceil_div(-at, input_step), 0, columns),
            clamp_to(ceil_div(input_extent - at, input_step), 0, columns)};
  }
};

/// One output, one input, one tap.
inline constexpr WindowAxis single_pixel{1, 0, 1, 1, 0, 1, 1, 0, 1};

constexpr WindowAxis gather_axis(int big, int small, int kernel, int stride, int padding) {
  return {small, 0, 1, big, -padding, stride, kernel, 0, 1};
}

/// The big pixels y with (y + padding) % stride == phase meet every stride-th tap from `phase` on;
/// the last of these first, as it meets the first of the small pixels.
constexpr WindowAxis scatter_axis(int big, int small, int kernel, int stride, int padding,
                                  int phase) {
  const int first = ceil_div(padding - phase, stride);
  const int output_first = stride * first + phase - padding;
  const int count = big > output_first ? ceil_div(big - output_first, stride) : 0;
  const int taps = kernel > phase ? ceil_div(kernel - phase, stride) : 0;
  return {
      count,  output_first, stride, small, first - (taps - 1), 1, taps, phase + (taps - 1) * stride,
      -stride};
}

/// output[row][column][o] = sum over taps and input channels i of
///   input[row'][column'][i] * weight(row tap * kernel_width + column tap, i, o).
struct WindowProduct {
  WindowAxis rows, columns;
  int kernel_width;
  int input_channels, output_channels;
  std::ptrdiff_t input_image, input_row, output_image, output_row;  // strides in floats
  PackedLayout layout;

  constexpr bool contiguous_taps() const { return columns.tap_step == 1; }
  /// The first pixel of the input against the one tap: a vector times a matrix for each image.
  constexpr bool is_one_pixel() const {
    const auto is_one = [](const WindowAxis& axis) {
      return axis.count == 1 && axis.taps == 1 && axis.output_first == 0 && axis.input_first == 0 &&
             axis.tap_first == 0;
    };
    return is_one(rows) && is_one(columns) && kernel_width == 1 && !layout.swapped();
  }
};

constexpr WindowProduct gather_product(const WindowGeometry& g) {
  const PackedLayout layout = gather_layout(g);
  const int reduced = g.taps() * g.big_channels;
  // All taps' rows in one, where these lie in memory as the taps' do.
  const PackedLayout one_tap{1, reduced, g.small_channels};
  if (g.is_matrix_product() && !layout.swapped() && !one_tap.swapped()) {
    return {single_pixel,     single_pixel, 1,       reduced,
            g.small_channels, g.big_size(), reduced, g.small_size(),
            g.small_channels, one_tap};
  }
  return {gather_axis(g.big_height, g.small_height, g.kernel, g.stride, g.padding),
          gather_axis(g.big_width, g.small_width, g.kernel, g.stride, g.padding),
          g.kernel,
          g.big_channels,
          g.small_channels,
          g.big_size(),
          std::ptrdiff_t{1} * g.big_width * g.big_channels,
          g.small_size(),
          std::ptrdiff_t{1} * g.small_width * g.small_channels,
          layout};
}

/// Products that together write every big pixel once: one for each phase of the stride.
constexpr int scatter_products(const WindowGeometry& g) {
  return g.is_matrix_product() ? 1 : g.stride * g.stride;
}

constexpr WindowProduct scatter_product(const WindowGeometry& g, int index) {
  const PackedLayout layout = scatter_layout(g);
  if (g.is_matrix_product()) {
    // The big grid's pixels in one column: pixel t meets the one small pixel at tap t.
    return {scatter_axis(g.taps(), 1, g.taps(), 1, 0, 0),
            single_pixel,
            1,
            g.small_channels,
            g.big_channels,
            g.small_size(),
            g.small_channels,
            g.big_size(),
            g.big_channels,
            layout};
  }
  const int row_phase = index / g.stride;
  const int column_phase = index % g.stride;
  return {scatter_axis(g.big_height, g.small_height, g.kernel, g.stride, g.padding, row_phase),
          scatter_axis(g.big_width, g.small_width, g.kernel, g.stride, g.padding, column_phase),
          g.kernel,
          g.small_channels,
          g.big_channels,
          g.small_size(),
          std::ptrdiff_t{1} * g.small_width * g.small_channels,
          g.big_size(),
          std::ptrdiff_t{1} * g.big_width * g.big_channels,
          layout};
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
