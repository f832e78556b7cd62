// SPDX-License-Identifier: MIT
#pragma once
// Where a layer's weights lie in memory: in the order in which the kernels read them.
// Light: no SIMD, no threads; but the layout depends on the instruction set's vector width.

#include <cstddef>

#include "lamina/backend/cpu/window_geometry.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

/// Weights indexed by (tap, row, lane channel), stored [lane block][tap][row][lane in block].
/// A block is two vectors wide; the last one is one vector wide if that is enough. Lanes past the
/// last channel are zero and stay zero, in weights and in gradients.
/// Up to four lane channels would waste most of a vector: such a layout is stored `swapped`, as
/// the layout with rows and lanes exchanged. tap = ky * kernel + kx as in PyTorch, for both
/// convolutions.
struct PackedLayout {
  int taps, rows, lane_channels;

  friend constexpr bool operator==(const PackedLayout&, const PackedLayout&) = default;

  static constexpr int few = 4;
  static constexpr int block_lanes = 2 * vector_lanes;

  constexpr bool swapped() const { return lane_channels <= few && rows > few; }
  constexpr PackedLayout transposed() const { return {taps, lane_channels, rows}; }
  /// The layout that memory really has: rows and lanes exchanged where swapped().
  constexpr PackedLayout stored() const { return swapped() ? transposed() : *this; }

  // The next four speak of a stored() layout.
  constexpr int blocks() const { return (lane_channels + block_lanes - 1) / block_lanes; }
  constexpr int block_width(int block) const {
    return lane_channels - block * block_lanes > vector_lanes ? block_lanes : vector_lanes;
  }
  constexpr std::ptrdiff_t block_offset(int block) const {
    return std::ptrdiff_t{block_lanes} * block * taps * rows;
  }
  constexpr std::ptrdiff_t stored_size() const {
    return block_offset(blocks() - 1) + std::ptrdiff_t{1} * block_width(blocks() - 1) * taps * rows;
  }

  /// Floats taken, unused lanes included, rounded up to 64 bytes.
  constexpr std::size_t size() const {
    return (static_cast<std::size_t>(stored().stored_size()) + 15) / 16 * 16;
  }

  /// Index of one weight.
  constexpr std::size_t offset(int tap, int row, int lane_channel) const {
    if (swapped()) return transposed().offset(tap, lane_channel, row);
    const int block = lane_channel / block_lanes;
    const auto row_index = std::ptrdiff_t{tap} * rows + row;
    return static_cast<std::size_t>(block_offset(block) + row_index * block_width(block) +
                                    (lane_channel - block * block_lanes));
  }
};

/// What gather reads: lanes are the small grid's channels, rows the big grid's.
constexpr PackedLayout gather_layout(const WindowGeometry& g) {
  return {g.taps(), g.big_channels, g.small_channels};
}

/// What scatter reads: lanes are the big grid's channels, rows the small grid's.
constexpr PackedLayout scatter_layout(const WindowGeometry& g) {
  return gather_layout(g).transposed();
}

/// The layout of a layer's weights and of their gradient.
constexpr PackedLayout weight_layout(const WindowGeometry& g, LanesAre along) {
  return along == LanesAre::small ? gather_layout(g) : scatter_layout(g);
}

}  // namespace lamina::inline LAMINA_ISA
