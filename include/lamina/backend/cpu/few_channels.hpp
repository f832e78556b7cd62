// SPDX-License-Identifier: MIT
#pragma once
// The micro tile for one to four output channels: the vector lanes run over the input channels
// (a swapped PackedLayout), each output is a dot product, and the lanes are added at the end.

#include <cstddef>

#include "lamina/backend/cpu/factors.hpp"
#include "lamina/backend/cpu/packed_layout.hpp"
#include "lamina/backend/cpu/simd.hpp"
#include "lamina/backend/cpu/tile.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

/// Adds the input channels of one lane block to sums of images x columns x outputs.
template <class Factors, int Images, int Columns, int Outputs, int Clip, int Vectors, bool Partial>
[[gnu::always_inline]] inline void add_dot_block(const TileArguments& a, int block, Vec* sum) {
  const float* block_weights = a.weights + block * a.weight_block;
  const std::ptrdiff_t first_channel = std::ptrdiff_t{block} * PackedLayout::block_lanes;
  const int last_count =
      a.input_channels - block * PackedLayout::block_lanes - (Vectors - 1) * lanes;
  walk_runs<Columns, Clip>(
      a, [&]<int First, int Last>(const TileArguments&, std::ptrdiff_t offset, std::ptrdiff_t tap,
                                  int) __attribute__((always_inline)) {
        const float* input = a.input + (offset + first_channel);
        const float* weights = block_weights + tap * (Outputs * Vectors * lanes);
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v) {
          Vec weight[std::size_t{Outputs}];
#pragma GCC unroll 4
          for (int o = 0; o < Outputs; ++o)
            weight[o] = load(weights + (o * Vectors + v) * lanes);
#pragma GCC unroll 8
          for (int i = 0; i < Images; ++i) {
#pragma GCC unroll 16
            for (int c = First; c < Last; ++c) {
              const float* from =
                  input + (i * a.input_image + (c - First) * a.input_column + v * lanes);
              const Vec value = Partial && v == Vectors - 1 ? load_partial(from, last_count)
                                                            : load_unaligned(from);
#pragma GCC unroll 4
              for (int o = 0; o < Outputs; ++o) {
                Vec& to = sum[(i * Columns + c) * Outputs + o];
                to = Factors::multiply_add(value, weight[o], to);
              }
            }
          }
        }
      });
}

/// Outputs = the number of output channels.
template <int Images, int Columns, int Outputs, int Clip, class Factors>
[[gnu::noinline]] void dot_tile(const TileArguments& a) {
  constexpr std::size_t groups =
      static_cast<std::size_t>(Images * Columns * Outputs + lanes - 1) / std::size_t{lanes};
  Vec sum[groups * lanes];
#pragma GCC unroll 64
  for (std::size_t i = 0; i < groups * lanes; ++i)
    sum[i] = broadcast(0.0F);

  const int whole_blocks = a.input_channels / PackedLayout::block_lanes;
  for (int block = 0; block < whole_blocks; ++block) {
    add_dot_block<Factors, Images, Columns, Outputs, Clip, 2, false>(a, block, sum);
  }
  const int left = a.input_channels - whole_blocks * PackedLayout::block_lanes;
  if (left > lanes) {
    add_dot_block<Factors, Images, Columns, Outputs, Clip, 2, true>(a, whole_blocks, sum);
  } else if (left > 0) {
    add_dot_block<Factors, Images, Columns, Outputs, Clip, 1, true>(a, whole_blocks, sum);
  }

  alignas(64) float results[groups * lanes];
#pragma GCC unroll 8
  for (std::size_t g = 0; g < groups; ++g) {
    Vec terms[lanes];
#pragma GCC unroll 16
    for (std::size_t i = 0; i < lanes; ++i)
      terms[i] = sum[g * lanes + i];
    store(results + g * lanes, sum_each(terms));
  }
  for (int i = 0; i < Images; ++i) {
    for (int c = 0; c < Columns; ++c) {
      for (int o = 0; o < Outputs; ++o) {
        a.output[i * a.output_image + c * a.output_column + o] =
            a.epilogue(results[(i * Columns + c) * Outputs + o], a.channel + o);
      }
      if (a.epilogue.finishes())
        a.epilogue.finish_stored(a.output + i * a.output_image + c * a.output_column, Outputs);
    }
  }
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
