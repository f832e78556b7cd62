// SPDX-License-Identifier: MIT
#pragma once
// The micro tile for one to four output channels: the vector lanes run over the input channels
// (a swapped PackedLayout), each output is a dot product, and the lanes are added at the end.

#include <cstddef>

#include "lamina/backend/cpu/packed_layout.hpp"
#include "lamina/backend/cpu/simd.hpp"
#include "lamina/backend/cpu/tile.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace kernel {

/// Outputs = the number of output channels.
template <int Images, int Columns, int Outputs, int Clip>
[[gnu::noinline]] void dot_tile(const TileArguments& a) {
  constexpr std::size_t groups =
      static_cast<std::size_t>(Images * Columns * Outputs + lanes - 1) / std::size_t{lanes};
  Vec sum[groups * lanes];
#pragma GCC unroll 64
  for (std::size_t i = 0; i < groups * lanes; ++i) sum[i] = broadcast(0.0F);

  const auto add_channels = [&](int channel, int block_width, auto partial)
                                __attribute__((always_inline)) {
    const int count = a.input_channels - channel;
    const float* block = a.weights + (channel / PackedLayout::block_lanes) * a.weight_block +
                         channel % PackedLayout::block_lanes;
    walk_runs<Columns, Clip>(a, [&]<int First, int Last>(std::ptrdiff_t offset,
                                                         std::ptrdiff_t tap, int)
                                    __attribute__((always_inline)) {
      const float* input = a.input + (offset + channel);
      const float* weights = block + tap * (Outputs * block_width);
      Vec weight[std::size_t{Outputs}];
#pragma GCC unroll 4
      for (int o = 0; o < Outputs; ++o) weight[o] = load(weights + o * block_width);
#pragma GCC unroll 8
      for (int i = 0; i < Images; ++i) {
#pragma GCC unroll 16
        for (int c = First; c < Last; ++c) {
          const float* from = input + i * a.input_image + (c - First) * a.input_column;
          const Vec value = partial() ? load_partial(from, count) : load_unaligned(from);
#pragma GCC unroll 4
          for (int o = 0; o < Outputs; ++o) {
            Vec& to = sum[(i * Columns + c) * Outputs + o];
            to = fmadd(value, weight[o], to);
          }
        }
      }
    });
  };
  constexpr auto whole = [] { return false; };
  constexpr auto rest = [] { return true; };
  const int last_block = (a.input_channels - 1) / PackedLayout::block_lanes;
  const int last_width =
      a.input_channels - last_block * PackedLayout::block_lanes > lanes ? 2 * lanes : lanes;
  int channel = 0;
  for (; channel + lanes <= a.input_channels; channel += lanes) {
    const bool last = channel / PackedLayout::block_lanes == last_block;
    add_channels(channel, last ? last_width : 2 * lanes, whole);
  }
  if (channel < a.input_channels) add_channels(channel, last_width, rest);

  alignas(64) float results[groups * lanes];
#pragma GCC unroll 8
  for (std::size_t g = 0; g < groups; ++g) {
    Vec terms[lanes];
#pragma GCC unroll 16
    for (std::size_t i = 0; i < lanes; ++i) terms[i] = sum[g * lanes + i];
    store(results + g * lanes, sum_each(terms));
  }
  for (int i = 0; i < Images; ++i) {
    for (int c = 0; c < Columns; ++c) {
      for (int o = 0; o < Outputs; ++o) {
        a.output[i * a.output_image + c * a.output_column + o] =
            a.epilogue(results[(i * Columns + c) * Outputs + o], a.channel + o);
      }
    }
  }
}

}  // namespace kernel
}  // namespace lamina::inline LAMINA_ISA
