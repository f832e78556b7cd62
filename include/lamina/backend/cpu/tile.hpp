// SPDX-License-Identifier: MIT
#pragma once
// The micro tile of gather and scatter: images x columns of one output row x one block of output
// channels, summed in registers. Each output is one chain of fused multiply-adds over taps and
// input channels in a fixed order, so that its bits do not depend on the tile it falls into.

#include <cstddef>

#include "lamina/backend/cpu/factors.hpp"
#include "lamina/backend/cpu/simd.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

/// Changes finished outputs where they lie.
using Activate = void (*)(float* values, std::ptrdiff_t count);

/// What happens to a finished sum.
struct Epilogue {
  const float* bias = nullptr;  ///< one per output channel, or none
  Activate activate = nullptr;  ///< what runs over outputs once they are stored, or nothing

  /// For the lanes of `sum`, which belong to `count` channels from `channel` on.
  Vec operator()(const Vec& sum, int channel, int count) const {
    return bias == nullptr ? sum : sum + load_partial(bias + channel, count);
  }
  float operator()(float sum, int channel) const {
    return bias == nullptr ? sum : sum + bias[channel];
  }
};

namespace cpu_kernels {

/// Column taps of one tap row that meet the same columns [first, last) of a tile: `repeats` times
/// `length` consecutive inputs against as many rows of weights.
struct Run {
  std::ptrdiff_t input, weight_row;
  int length, repeats;
  int first, last;
};

/// All that a tile needs at run time. Strides are in floats, those of weights in rows of lanes.
struct TileArguments {
  const float* input;           // of the tile's first image
  std::ptrdiff_t input_origin;  // of column 0 at the first tap row; may lie outside the image
  std::ptrdiff_t input_image, input_column;
  const float* weights;  // of the lane block
  std::ptrdiff_t weight_origin;
  const Run* runs;
  int run_count;
  int tap_rows;
  std::ptrdiff_t input_tap_row, weight_tap_row;  // from one tap row to the next
  std::ptrdiff_t input_tap, weight_tap;          // from one repeat to the next
  float* output;                                 // of the tile's first pixel
  std::ptrdiff_t output_image, output_column;
  int channel, channels;  // first output channel of the block, and how many are left from there
  Epilogue epilogue;
  int input_channels;  // for tiles whose lanes run over them
  std::ptrdiff_t weight_block;
  const float* ahead;  // what a later tile reads, asked for meanwhile
  int ahead_lines;     // cache lines of it, for each run of each tap row
};

using TileFunction = void (*)(const TileArguments&);

/// Calls step.template operator()<first, last>(input offset of column `first`, weight row, length)
/// for all runs of all tap rows. Columns are clipped at compile time, by at most Clip on one side. Between the runs
/// it asks for what lies ahead.
template <int Columns, int Clip, class Step>
[[gnu::always_inline]] inline void walk_runs(const TileArguments& a, Step&& step) {
  const float* ahead = a.ahead;
  const std::ptrdiff_t ahead_floats = a.ahead_lines * cache_line_floats;
  for (int tap_row = 0; tap_row < a.tap_rows; ++tap_row) {
    for (int r = 0; r < a.run_count; ++r) {
      bring_halfway(ahead, ahead_floats);
      ahead += ahead_floats;
      const Run& run = a.runs[r];
      std::ptrdiff_t input = a.input_origin + tap_row * a.input_tap_row + run.input;
      std::ptrdiff_t weight_row = a.weight_origin + tap_row * a.weight_tap_row + run.weight_row;
      for (int repeat = 0; repeat < run.repeats; ++repeat) {
        if constexpr (Clip == 0) {
          step.template operator()<0, Columns>(input, weight_row, run.length);
        } else if (run.last - run.first == Columns) {
          step.template operator()<0, Columns>(input, weight_row, run.length);
        } else if (run.first == 1) {
          step.template operator()<1, Columns>(input + a.input_column, weight_row, run.length);
        } else if (run.last == Columns - 1) {
          step.template operator()<0, Columns - 1>(input, weight_row, run.length);
        } else if constexpr (Clip == 2) {
          if (run.first == 2) {
            step.template operator()<2, Columns>(input + 2 * a.input_column, weight_row,
                                                 run.length);
          } else {
            step.template operator()<0, Columns - 2>(input, weight_row, run.length);
          }
        }
        input += a.input_tap;
        weight_row += a.weight_tap;
      }
    }
  }
}

/// The vector lanes run over output channels; every input is broadcast.
template <int Images, int Columns, int Vectors, int Clip, class Factors>
[[gnu::noinline]] void lane_tile(const TileArguments& a) {
  Vec sum[std::size_t{Images}][std::size_t{Columns}][std::size_t{Vectors}];
#pragma GCC unroll 8
  for (int i = 0; i < Images; ++i)
    clear_sums(sum[i]);
  for (int pixel = 0; pixel < Images * Columns; ++pixel) {
    float* const to =
        a.output + pixel / Columns * a.output_image + pixel % Columns * a.output_column;
    for (int v = 0; v < Vectors; ++v)
      bring_near_to_write(to + v * lanes);
  }
  const std::ptrdiff_t image = a.input_image;
  const std::ptrdiff_t column = a.input_column;
  walk_runs<Columns, Clip>(
      a, [&]<int First, int Last>(std::ptrdiff_t offset, std::ptrdiff_t weight_row, int length)
             __attribute__((always_inline)) {
               const float* input = a.input + offset;
               const float* weights = a.weights + weight_row * (Vectors * lanes);
               for (int k = 0; k < length; ++k, weights += Vectors * lanes) {
                 Vec weight[std::size_t{Vectors}];
                 load_held(weights, weight);
#pragma GCC unroll 8
                 for (int i = 0; i < Images; ++i) {
#pragma GCC unroll 16
                   for (int c = First; c < Last; ++c) {
                     const Vec value = broadcast(input[i * image + (c - First) * column + k]);
#pragma GCC unroll 2
                     for (int v = 0; v < Vectors; ++v) {
                       sum[i][c][v] = Factors::multiply_add(value, weight[v], sum[i][c][v]);
                     }
                   }
                 }
               }
             });
  // Copies, as a store might change what `a` refers to.
  const Epilogue epilogue = a.epilogue;
  const int channel = a.channel;
  const int channels = a.channels;
  const std::ptrdiff_t output_image = a.output_image;
  const std::ptrdiff_t output_column = a.output_column;
  const auto store_sums = [&](auto&& store_lanes) __attribute__((always_inline)) {
    float* output = a.output;
#pragma GCC unroll 8
    for (int i = 0; i < Images; ++i) {
#pragma GCC unroll 16
      for (int c = 0; c < Columns; ++c) {
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v)
          store_lanes(output + (i * output_image + c * output_column + v * lanes), sum[i][c][v], v);
      }
    }
  };
  if (channels >= Vectors * lanes) {
    if (epilogue.bias != nullptr) {
      Vec bias[std::size_t{Vectors}];
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v)
        bias[v] = load_unaligned(epilogue.bias + channel + v * lanes);
      store_sums([&](float* to, const Vec& value, int v)
                     __attribute__((always_inline)) { store_unaligned(to, value + bias[v]); });
    } else {
      store_sums([](float* to, const Vec& value, int)
                     __attribute__((always_inline)) { store_unaligned(to, value); });
    }
  } else {
    store_sums([&](float* to, const Vec& value, int v) __attribute__((always_inline)) {
      const int left = channels - v * lanes;
      const int count = left < lanes ? left : lanes;
      store_partial(to, epilogue(value, channel + v * lanes, count), count);
    });
  }
  if (epilogue.activate != nullptr) {
    for (int i = 0; i < Images; ++i) {
      for (int c = 0; c < Columns; ++c)
        epilogue.activate(a.output + i * output_image + c * output_column,
                          channels < Vectors * lanes ? channels : Vectors * lanes);
    }
  }
}

/// One image of one pixel, one run of inputs, Blocks blocks of two whole vectors: enough sums that the weights'
/// way from memory is what takes the time.
template <int Blocks, class Factors>
[[gnu::noinline]] void blocks_tile(const TileArguments& a) {
  Vec sum[std::size_t{Blocks}][2];
  clear_sums(sum);
  const float* weights = a.weights;
  const std::ptrdiff_t block = a.weight_block;
  for (int k = 0; k < a.input_channels; ++k, weights += 2 * lanes) {
    const Vec value = broadcast(a.input[k]);
#pragma GCC unroll 8
    for (int b = 0; b < Blocks; ++b) {
#pragma GCC unroll 2
      for (int v = 0; v < 2; ++v) {
        sum[b][v] = Factors::multiply_add(value, load(weights + b * block + v * lanes), sum[b][v]);
      }
    }
  }
  const Epilogue epilogue = a.epilogue;
  float* const output = a.output;
#pragma GCC unroll 8
  for (int b = 0; b < Blocks; ++b) {
#pragma GCC unroll 2
    for (int v = 0; v < 2; ++v) {
      const int channel = (2 * b + v) * lanes;
      store_unaligned(output + channel, epilogue(sum[b][v], a.channel + channel, lanes));
    }
  }
  if (epilogue.activate != nullptr) epilogue.activate(output, std::ptrdiff_t{2} * Blocks * lanes);
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
