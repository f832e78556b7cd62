// SPDX-License-Identifier: MIT
#pragma once
// The micro tile of gather and scatter: images x columns of one output row x one block of output
// channels, summed in registers. Each output is one chain of fused multiply-adds over taps and
// input channels in a fixed order, so that its bits do not depend on the tile it falls into.

#include <algorithm>
#include <cstddef>

#include "lamina/backend/cpu/factors.hpp"
#include "lamina/backend/cpu/simd.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

/// Changes finished outputs where they lie: runs of `count` of them, `apart` from one to the next.
struct Finish {
  using Function = void (*)(float* values, const float* known, std::ptrdiff_t count, int runs,
                            std::ptrdiff_t apart);

  Function function = nullptr;
  const float* known = nullptr;  ///< one value for each output
};

/// What happens to a finished sum.
struct Epilogue {
  const float* bias = nullptr;     ///< one per output channel, or none
  Finish finish{};                 ///< what runs over outputs once they are stored, or nothing
  const float* outputs = nullptr;  ///< the first of all

  bool finishes() const { return finish.function != nullptr; }
  /// Whether that reads anything but the outputs.
  bool reads_known() const { return finishes() && finish.known != outputs; }
  const float* known_of(const float* values) const { return finish.known + (values - outputs); }
  /// For stored outputs, where there is anything to run over them.
  void finish_stored(float* values, std::ptrdiff_t count, int runs = 1,
                     std::ptrdiff_t apart = 0) const {
    finish.function(values, known_of(values), count, runs, apart);
  }

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

/// Calls step.template operator()<first, last>(arguments, input offset of column `first`, weight row, length)
/// for all runs of all tap rows. Columns are clipped at compile time, by at most Clip on one side. Between the runs
/// it asks for what lies ahead.
template <int Columns, int Clip, class Step>
[[gnu::always_inline]] inline void walk_runs(const TileArguments& arguments, Step&& step) {
  const TileArguments* a = &arguments;
  const float* ahead = a->ahead;
  std::ptrdiff_t input_row = a->input_origin;
  std::ptrdiff_t weight_row = a->weight_origin;
  for (int tap_row = 0; tap_row < a->tap_rows; ++tap_row) {
    for (int r = 0; r < a->run_count; ++r) {
      const std::ptrdiff_t ahead_floats = a->ahead_lines * cache_line_floats;
      bring_halfway(ahead, ahead_floats);
      ahead += ahead_floats;
      const Run* run = a->runs + r;
      std::ptrdiff_t input = input_row + run->input;
      std::ptrdiff_t weight = weight_row + run->weight_row;
      for (int repeat = 0; repeat < run->repeats; ++repeat) {
        keep_in_memory(a, ahead, input_row, weight_row, tap_row, r, run, input, weight, repeat);
        if constexpr (Clip == 0) {
          step.template operator()<0, Columns>(*a, input, weight, run->length);
        } else if (run->last - run->first == Columns) {
          step.template operator()<0, Columns>(*a, input, weight, run->length);
        } else if (run->first == 1) {
          step.template operator()<1, Columns>(*a, input + a->input_column, weight, run->length);
        } else if (run->last == Columns - 1) {
          step.template operator()<0, Columns - 1>(*a, input, weight, run->length);
        } else if constexpr (Clip == 2) {
          if (run->first == 2) {
            step.template operator()<2, Columns>(*a, input + 2 * a->input_column, weight,
                                                 run->length);
          } else {
            step.template operator()<0, Columns - 2>(*a, input, weight, run->length);
          }
        }
        input += a->input_tap;
        weight += a->weight_tap;
      }
    }
    input_row += a->input_tap_row;
    weight_row += a->weight_tap_row;
  }
}

/// Adds `length` inputs of columns [First, Last), of which `input` is the first, times as many rows of weights.
template <class Factors, int First, int Last, std::size_t Images, std::size_t Columns,
          std::size_t Vectors>
[[gnu::always_inline]] inline void add_run(const float* input, std::ptrdiff_t image,
                                           std::ptrdiff_t column, const float* weights, int length,
                                           Vec (&sum)[Images][Columns][Vectors]) {
  // An instruction finds its pixel at a pointer, one or two steps behind it. With a register for each pixel there would be
  // none left for what is around this loop.
  constexpr std::size_t at_pointer = 3;
  constexpr bool side_by_side = Columns > 1;
  constexpr std::size_t first = static_cast<std::size_t>(First);
  constexpr std::size_t rows = side_by_side ? Images : 1;
  constexpr std::size_t pixels = side_by_side ? static_cast<std::size_t>(Last - First) : Images;
  constexpr std::size_t pointers = (pixels + at_pointer - 1) / at_pointer;
  const std::ptrdiff_t apart = side_by_side ? column : image;
  const float* from[rows][pointers];
#pragma GCC unroll 8
  for (std::size_t i = 0; i < rows; ++i) {
#pragma GCC unroll 8
    for (std::size_t p = 0; p < pointers; ++p)
      from[i][p] = forgotten(input + (static_cast<std::ptrdiff_t>(i) * image +
                                      static_cast<std::ptrdiff_t>(at_pointer * p) * apart));
  }
  constexpr std::ptrdiff_t weight_row = Vectors * std::size_t{lanes};
  const float* const end = weights + length * weight_row;
  for (; weights != end; weights += weight_row) {
    Vec weight[Vectors];
    load_held(weights, weight);
#pragma GCC unroll 8
    for (std::size_t i = 0; i < rows; ++i) {
#pragma GCC unroll 16
      for (std::size_t p = 0; p < pixels; ++p) {
        const auto steps = static_cast<std::ptrdiff_t>(p % at_pointer);
        const Vec value = broadcast(from[i][p / at_pointer][steps * apart]);
        Vec(&to)[Vectors] = side_by_side ? sum[i][first + p] : sum[p][0];
#pragma GCC unroll 2
        for (std::size_t v = 0; v < Vectors; ++v)
          to[v] = Factors::multiply_add(value, weight[v], to[v]);
      }
#pragma GCC unroll 8
      for (std::size_t p = 0; p < pointers; ++p)
        from[i][p] = forgotten(from[i][p] + 1);
    }
  }
}

/// Calls body(where its outputs lie, image, column) for each pixel of a tile.
template <int Images, int Columns, class Body>
[[gnu::always_inline]] inline void for_outputs(const TileArguments& a, Body&& body) {
  float* output = a.output;
  const std::ptrdiff_t column = a.output_column;
  const std::ptrdiff_t image = a.output_image - (Columns - 1) * column;
#pragma GCC unroll 8
  for (int i = 0; i < Images; ++i) {
#pragma GCC unroll 16
    for (int c = 0; c < Columns; ++c) {
      body(output, i, c);
      output = forgotten(output + (c + 1 < Columns ? column : image));
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
  for_outputs<Images, Columns>(a, [](float* output, int, int) __attribute__((always_inline)) {
#pragma GCC unroll 2
    for (int v = 0; v < Vectors; ++v)
      bring_near_to_write(output + v * lanes);
  });
  if (a.epilogue.reads_known()) {
    for_outputs<Images, Columns>(a, [&](float* output, int, int) __attribute__((always_inline)) {
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v)
        bring_near(a.epilogue.known_of(output) + v * lanes);
    });
  }
  walk_runs<Columns, Clip>(
      a, [&]<int First, int Last>(const TileArguments& now, std::ptrdiff_t input,
                                  std::ptrdiff_t weight_row,
                                  int length) __attribute__((always_inline)) {
        add_run<Factors, First, Last>(now.input + input, now.input_image, now.input_column,
                                      now.weights + weight_row * (Vectors * lanes), length, sum);
      });
  // Copies, as a store might change what `a` refers to.
  const Epilogue epilogue = a.epilogue;
  const int channels = (std::min)(a.channels, Vectors * lanes);
  const bool whole = channels == Vectors * lanes;
  const auto lanes_of = [=](int v) { return (std::min)(channels - v * lanes, lanes); };
  if (epilogue.bias != nullptr) {
#pragma GCC unroll 2
    for (int v = 0; v < Vectors; ++v) {
      const float* const from = epilogue.bias + a.channel + v * lanes;
      const Vec bias = whole ? load_unaligned(from) : load_partial(from, lanes_of(v));
#pragma GCC unroll 8
      for (int i = 0; i < Images; ++i) {
#pragma GCC unroll 16
        for (int c = 0; c < Columns; ++c)
          sum[i][c][v] = sum[i][c][v] + bias;
      }
    }
  }
  for_outputs<Images, Columns>(a, [&](float* output, int i, int c) __attribute__((always_inline)) {
#pragma GCC unroll 2
    for (int v = 0; v < Vectors; ++v) {
      if (whole)
        store_unaligned(output + v * lanes, sum[i][c][v]);
      else
        store_partial(output + v * lanes, sum[i][c][v], lanes_of(v));
    }
  });
  if (epilogue.finishes()) {
    constexpr bool side_by_side = Columns > 1;
    for (int i = 0; i < (side_by_side ? Images : 1); ++i)
      epilogue.finish_stored(a.output + i * a.output_image, channels,
                             side_by_side ? Columns : Images,
                             side_by_side ? a.output_column : a.output_image);
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
  if (epilogue.finishes()) epilogue.finish_stored(output, std::ptrdiff_t{2} * Blocks * lanes);
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
