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

/// The squares of a tap where a block of rows meets a block of lanes.
inline void transpose_blocks(const PackedLayout& from_layout, const PackedLayout& to_layout,
                             const float* source, float* destination, int tap, int row_block,
                             int lane_block) {
  const int first_row = row_block * PackedLayout::block_lanes;
  const int first_lane = lane_block * PackedLayout::block_lanes;
  for (int row = first_row;
       row < (std::min)(from_layout.rows, first_row + PackedLayout::block_lanes); row += lanes) {
    for (int lane = first_lane;
         lane < (std::min)(to_layout.rows, first_lane + PackedLayout::block_lanes); lane += lanes)
      transpose_square_of(from_layout, to_layout, source, destination, tap, row, lane);
  }
}

/// One tap of lane block number `block` of layout.transposed(): asks for what comes next meanwhile.
inline void transpose_block(const PackedLayout& layout, const float* source, float* destination,
                            int tap, int block) {
  const PackedLayout to = layout.transposed();
  const int row = block * PackedLayout::block_lanes;
  float* const whole = destination - to.offset(tap, 0, row);
  for (int lane_block = 0; lane_block < layout.blocks(); ++lane_block) {
    if (lane_block + 1 < layout.blocks())
      bring_halfway(source + layout.offset(tap, row, (lane_block + 1) * PackedLayout::block_lanes),
                    PackedLayout::block_lanes * PackedLayout::block_lanes);
    transpose_blocks(layout, to, source, whole, tap, block, lane_block);
  }
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
  std::fill(destination + to.stored_size(), destination + to.size(), 0.0F);
  // The two lane blocks that a row and a lane lie in, so that memory is read and written in long pieces.
  const std::ptrdiff_t row_blocks = to.blocks();
  const std::ptrdiff_t items = std::ptrdiff_t{1} * layout.blocks() * row_blocks * layout.taps;
  const double work = 2.0 * layout.taps * layout.rows * layout.lane_channels;
  cpu_kernels::parallel_ranges(items, work, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
    for (std::ptrdiff_t item = first; item < last; ++item) {
      const int row_block = static_cast<int>(item % row_blocks);
      const int tap = static_cast<int>(item / row_blocks % layout.taps);
      const int lane_block = static_cast<int>(item / row_blocks / layout.taps);
      cpu_kernels::transpose_blocks(layout, to, source, destination, tap, row_block, lane_block);
    }
  });
}

}  // namespace lamina::inline LAMINA_ISA
