// SPDX-License-Identifier: MIT
#pragma once
// Exchanges rows and lanes of packed weights: from the layout that gather reads to the one that
// scatter reads, and back.

#include <algorithm>
#include <cstddef>

#include "lamina/backend/cpu/packed_layout.hpp"
#include "lamina/backend/cpu/parallel.hpp"
#include "lamina/backend/cpu/simd.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

/// One square of a tap: lane channels [lane, lane + lanes) of rows [row, row + lanes), as far as
/// there are any; lanes past the last row become zero.
inline void transpose_square_of(const PackedLayout& from_layout, const PackedLayout& to_layout,
                                const float* source, float* destination, int tap, int row,
                                int lane) {
  const int block = lane / PackedLayout::block_lanes;
  const int from_width = from_layout.block_width(block);
  const int to_width = to_layout.block_width(row / PackedLayout::block_lanes);
  const float* from = source + from_layout.offset(tap, row, lane);
  float* to = destination + to_layout.offset(tap, lane, row);
  const int rows = (std::min)(lanes, from_layout.rows - row);
  const int columns = (std::min)(lanes, to_layout.rows - lane);
  Vec square[lanes];
  for (int i = 0; i < lanes; ++i) {
    square[i] = i < rows ? load(from + i * from_width) : broadcast(0.0F);
  }
  transpose_square(square);
  for (int i = 0; i < columns; ++i)
    store(to + i * to_width, square[i]);
}

}  // namespace cpu_kernels

/// destination(tap, lane, row) = source(tap, row, lane): from `layout` to layout.transposed().
/// Both 64-byte aligned; unused floats of the destination are set to zero.
inline void transpose(const PackedLayout& layout, const float* source, float* destination) {
  const PackedLayout to = layout.transposed();
  if (layout.swapped() || to.swapped()) {
    // Stored in the same order already.
    std::copy(source, source + layout.size(), destination);
    return;
  }
  const int squares = (layout.rows + lanes - 1) / lanes;
  std::fill(destination + to.stored_size(), destination + to.size(), 0.0F);
  const double work = 2.0 * layout.taps * layout.rows * layout.lane_channels;
  const std::ptrdiff_t items = std::ptrdiff_t{1} * squares * layout.taps;
  cpu_kernels::parallel_ranges(items, work, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
    for (std::ptrdiff_t item = first; item < last; ++item) {
      const int tap = static_cast<int>(item % layout.taps);
      const int row = static_cast<int>(item / layout.taps) * lanes;
      for (int lane = 0; lane < layout.lane_channels; lane += lanes) {
        cpu_kernels::transpose_square_of(layout, to, source, destination, tap, row, lane);
      }
    }
  });
}

}  // namespace lamina::inline LAMINA_ISA
