// SPDX-License-Identifier: MIT
#pragma once
// Floats rounded to bfloat16 and laid out in pairs, as BFloat16Pairs multiplies them: both numbers of a pair belong
// to one sum, so they are neighbouring input channels, or the same value of neighbouring images.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "lamina/backend/cpu/packed_layout.hpp"
#include "lamina/backend/cpu/vector_loop.hpp"
#include "lamina/core/bfloat16.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

namespace cpu_kernels {

/// What takes the place of one float.
constexpr float bfloat16_pair(float first, float second) {
  return std::bit_cast<float>(std::uint32_t{to_bfloat16(second).bits} << 16 |
                              to_bfloat16(first).bits);
}

constexpr int pairs_of(int channels) {
  return (channels + 1) / 2;
}

/// (pixels, channels) floats to (pixels, pairs_of(channels)) pairs; the last of an odd number of channels is paired
/// with zero.
inline void pair_channels(std::size_t pixels, int channels, const float* from, float* to) {
  constexpr std::size_t chunk = 8192;
  const auto own = static_cast<std::size_t>(channels);
  const std::size_t count = pixels * own;
  // Where no pixel ends within a pair they are one row of numbers.
  const std::size_t row = channels % 2 == 0 ? chunk : own;
  for_parts((count + row - 1) / row, count, [=](std::size_t part) {
    const std::size_t here = (std::min)(row, count - part * row);
    const float* const source = from + part * row;
    float* const pairs = to + part * ((row + 1) / 2);
    for (std::size_t i = 0; i < here / 2; ++i)
      pairs[i] = bfloat16_pair(source[2 * i], source[2 * i + 1]);
    if (here % 2 != 0) pairs[here / 2] = bfloat16_pair(source[here - 1], 0.0F);
  });
}

/// `images` images of `size` floats to half as many images of pairs; the last of an odd number is paired with
/// zeros.
inline void pair_images(std::size_t images, std::size_t size, const float* from, float* to) {
  constexpr std::size_t chunk = 8192;
  const std::size_t chunks = (size + chunk - 1) / chunk;
  for_parts((images + 1) / 2 * chunks, images * size, [=](std::size_t part) {
    const std::size_t image = part / chunks * 2;
    const std::size_t begin = part % chunks * chunk;
    const std::size_t end = (std::min)(size, begin + chunk);
    const float* const first = from + image * size;
    const float* const second = image + 1 < images ? first + size : nullptr;
    float* const pairs = to + image / 2 * size;
    if (second != nullptr) {
      for (std::size_t i = begin; i < end; ++i)
        pairs[i] = bfloat16_pair(first[i], second[i]);
    } else {
      for (std::size_t i = begin; i < end; ++i)
        pairs[i] = bfloat16_pair(first[i], 0.0F);
    }
  });
}

/// The layout of weights whose rows, input channels, are paired.
constexpr PackedLayout paired(const PackedLayout& layout) {
  return {layout.taps, pairs_of(layout.rows), layout.lane_channels};
}

/// Weights in `layout` to pairs in paired(layout); lanes past the last channel stay zero.
inline void pair_rows(const PackedLayout& layout, const float* from, float* to) {
  const PackedLayout pairs = paired(layout);
  const auto pair_at = [=](int tap, int pair, int lane) {
    const int row = 2 * pair;
    const float second = row + 1 < layout.rows ? from[layout.offset(tap, row + 1, lane)] : 0.0F;
    return bfloat16_pair(from[layout.offset(tap, row, lane)], second);
  };
  if (layout.swapped() || pairs.swapped()) {  // few weights
    std::fill(to, to + pairs.size(), 0.0F);
    for (int tap = 0; tap < layout.taps; ++tap)
      for (int pair = 0; pair < pairs.rows; ++pair)
        for (int lane = 0; lane < layout.lane_channels; ++lane)
          to[pairs.offset(tap, pair, lane)] = pair_at(tap, pair, lane);
    return;
  }
  const auto parts = static_cast<std::size_t>(layout.blocks() * layout.taps);
  for_parts(parts, layout.size(), [=](std::size_t part) {
    const int block = static_cast<int>(part) / layout.taps;
    const int tap = static_cast<int>(part) % layout.taps;
    const int width = layout.block_width(block);
    const int lane = block * PackedLayout::block_lanes;
    const float* const rows = from + layout.offset(tap, 0, lane);
    float* const row_pairs = to + pairs.offset(tap, 0, lane);
    for (int row = 0; row < layout.rows; row += 2) {
      const float* const first = rows + row * width;
      float* const target = row_pairs + row / 2 * width;
      for (int i = 0; i < width; ++i)
        target[i] = bfloat16_pair(first[i], row + 1 < layout.rows ? first[i + width] : 0.0F);
    }
  });
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
