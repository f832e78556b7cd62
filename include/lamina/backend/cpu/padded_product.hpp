// SPDX-License-Identifier: MIT
#pragma once
// Gather from one to four channels, images mostly: a window has so few inputs that the general tile, which asks which
// taps meet the image, would ask more than it multiplies. Rows of the image are copied with their padding, a
// band at a time, so that every pixel has the same window.

#include <algorithm>
#include <array>
#include <cstddef>

#include "lamina/backend/cpu/packed_layout.hpp"
#include "lamina/backend/cpu/parallel.hpp"
#include "lamina/backend/cpu/run_product.hpp"
#include "lamina/backend/cpu/split.hpp"
#include "lamina/backend/cpu/window_product.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

/// How the rows of a gather are padded and cut.
struct PaddedRows {
  static constexpr int buffer = 8192;     // floats of a band
  static constexpr int most_inputs = 64;  // of a row of the window

  WindowGeometry g;

  constexpr int window_row() const { return g.kernel * g.big_channels; }
  constexpr int step() const { return g.stride * g.big_channels; }
  /// Floats that all windows of a row meet.
  constexpr int met() const { return (g.small_width - 1) * step() + window_row(); }
  constexpr int before() const { return g.padding * g.big_channels; }
  /// Floats of the image in a row: what lies behind the last window is left out.
  constexpr int inside() const {
    return clamp_to(g.big_width * g.big_channels, 0, met() - before());
  }
  /// Where the first window begins, so that the image does at a whole vector; and what a row takes with that.
  constexpr int begin() const { return round_up(before()) - before(); }
  constexpr int row() const { return round_up(begin() + met()); }
  /// Rows of outputs in a band.
  constexpr int band() const {
    return clamp_to((buffer / row() - g.kernel) / g.stride + 1, 0, g.small_height);
  }
  constexpr int bands() const { return ceil_div(g.small_height, band()); }
  constexpr bool fits() const {
    return g.big_channels <= PackedLayout::few && g.small_channels > PackedLayout::few &&
           !g.is_matrix_product() && window_row() <= most_inputs && g.kernel * row() <= buffer &&
           before() < met();
  }
  /// Whether a tile takes long enough for the places that it will write to come near, a few with each row of the window.
  constexpr bool asks_ahead() const { return g.kernel * window_row() >= 32; }
  constexpr Split split() const { return cheapest_split(g.small_width, most_pairs_of_sums); }

 private:
  static constexpr int round_up(int floats) { return ceil_div(floats, lanes) * lanes; }
};

/// A band of an image's rows between zeros.
template <PaddedRows P>
class PaddedBand {
 public:
  PaddedBand() { std::fill_n(floats_, ((P.band() - 1) * g.stride + g.kernel) * P.row(), 0.0F); }

  /// Takes over the input rows of output rows [first, last). Returns where their windows begin.
  const float* hold(const float* image, int first, int last) {
    const int end = (last - 1) * g.stride - g.padding + g.kernel;
    int y = first * g.stride - g.padding;
    float* to = floats_ + (P.begin() + P.before());
    for (; y < (std::min)(end, 0); ++y, to += P.row())
      clear_row(to);
    const float* from = image + y * image_row;
    for (; y < (std::min)(end, g.big_height); ++y, from += image_row, to += P.row())
      copy_row(from, to);
    for (; y < end; ++y, to += P.row())
      clear_row(to);
    return floats_ + P.begin();
  }

 private:
  static constexpr WindowGeometry g = P.g;
  static constexpr std::ptrdiff_t image_row = std::ptrdiff_t{1} * g.big_width * g.big_channels;

  /// What an image has in a row, and zeros up to a whole vector.
  static void copy_row(const float* from, float* to) {
    constexpr int whole = P.inside() / lanes * lanes;
    for (int i = 0; i < whole; i += lanes)
      store(to + i, load_unaligned(from + i));
    if constexpr (whole < P.inside())
      store(to + whole, load_partial(from + whole, P.inside() - whole));
  }
  static void clear_row(float* to) {
    for (int i = 0; i < P.inside(); i += lanes)
      store(to + i, broadcast(0.0F));
  }

  alignas(64) float floats_[PaddedRows::buffer];
};

/// `tiles` tiles of one output row and Channels channels of each of `blocks` lane blocks: all of a tile, as memory
/// takes best what is written side by side. from: the first window's first input.
template <PaddedRows P, int Columns, int Channels, class Factors>
[[gnu::noinline]] void padded_tiles(int tiles, int blocks, const float* from, const float* weights,
                                    const float* bias, float* output) {
  constexpr int vectors = ceil_div(Channels, lanes);
  constexpr std::ptrdiff_t step = P.step();
  constexpr std::ptrdiff_t output_step = P.g.small_channels;
  int block = 0;
  const float* weight_row = weights;
  for (int item = 0; item < tiles * blocks; ++item) {
    Vec sum[std::size_t{Columns}][std::size_t{vectors}];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; ++v) {
      const int channel = block * Channels + v * lanes;
      const int left = Channels - v * lanes;
      const Vec start =
          left >= lanes ? load_unaligned(bias + channel) : load_partial(bias + channel, left);
#pragma GCC unroll 8
      for (int c = 0; c < Columns; ++c)
        sum[c][v] = start;
    }
    for (int y = 0; y < P.g.kernel; ++y) {
      if constexpr (P.asks_ahead()) {
        constexpr int columns = ceil_div(Columns, P.g.kernel);
        float* const near =
            output + std::ptrdiff_t{1} * y * columns * output_step + block * Channels;
        for (int line = 0; line < columns * vectors; ++line)
          bring_near_to_write(near + line / vectors * output_step + line % vectors * lanes);
      }
      const float* inputs = from + std::ptrdiff_t{1} * y * P.row();
      for (int k = 0; k < P.window_row(); ++k, weight_row += vectors * lanes) {
        inputs = forgotten(inputs);  // neighbours share inputs
        Vec weight[std::size_t{vectors}];
        load_held(weight_row, weight);
#pragma GCC unroll 8
        for (int c = 0; c < Columns; ++c) {
          const Vec value = broadcast(inputs[c * step + k]);
#pragma GCC unroll 2
          for (int v = 0; v < vectors; ++v)
            sum[c][v] = Factors::multiply_add(value, weight[v], sum[c][v]);
        }
      }
    }
#pragma GCC unroll 8
    for (int c = 0; c < Columns; ++c) {
#pragma GCC unroll 2
      for (int v = 0; v < vectors; ++v) {
        const int channel = block * Channels + v * lanes;
        float* const to = output + c * output_step + channel;
        const int left = Channels - v * lanes;
        if (left >= lanes) {
          store_unaligned(to, sum[c][v]);
        } else {
          store_partial(to, sum[c][v], left);
        }
      }
    }
    if (++block == blocks) {
      block = 0;
      weight_row = weights;
      from += Columns * step;
      output += Columns * output_step;
    }
  }
}

template <PaddedRows P, int Channels, class Factors>
void padded_row(int blocks, const float* from, const float* weights, const float* bias,
                float* output) {
  constexpr Split split = P.split();
  padded_tiles<P, split.wide, Channels, Factors>(split.wide_tiles, blocks, from, weights, bias,
                                                 output);
  if constexpr (split.narrow_tiles > 0) {
    constexpr int first = split.begin(split.wide_tiles);
    padded_tiles<P, split.narrow, Channels, Factors>(
        split.narrow_tiles, blocks, from + std::ptrdiff_t{first} * P.step(), weights, bias,
        output + std::ptrdiff_t{first} * P.g.small_channels);
  }
}

template <PaddedRows P, class Factors>
void run_padded_product(int n, const ProductOperands& operands) {
  constexpr WindowGeometry g = P.g;
  constexpr PackedLayout layout = gather_layout(g);
  static constexpr std::array<float, static_cast<std::size_t>(g.small_channels)> no_bias{};
  const float* const bias =
      operands.epilogue.bias == nullptr ? no_bias.data() : operands.epilogue.bias;
  constexpr int whole_blocks = g.small_channels / PackedLayout::block_lanes;
  constexpr int rest = g.small_channels % PackedLayout::block_lanes;
  constexpr int row_outputs = g.small_width * g.small_channels;
  constexpr int new_inputs = g.stride * g.big_width * g.big_channels;  // of each row of outputs
  const double work = 2.0 * n * g.small_pixels() * layout.taps * layout.rows * layout.lane_channels;
  parallel_ranges(
      std::ptrdiff_t{n} * P.bands(), work, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
        PaddedBand<P> band;
        for (std::ptrdiff_t item = begin; item < end; ++item) {
          const std::ptrdiff_t image = item / P.bands();
          const int first = static_cast<int>(item % P.bands()) * P.band();
          const int last = (std::min)(g.small_height, first + P.band());
          const float* const windows =
              band.hold(operands.input + image * g.big_size(), first, last);
          for (int row = first; row < last; ++row) {
            const float* const from =
                windows + std::ptrdiff_t{1} * (row - first) * g.stride * P.row();
            bring_halfway(operands.input + image * g.big_size() +
                              std::ptrdiff_t{1} * (row + P.band()) * new_inputs,
                          new_inputs);
            float* const output =
                operands.output + image * g.small_size() + std::ptrdiff_t{1} * row * row_outputs;
            if constexpr (whole_blocks > 0) {
              padded_row<P, PackedLayout::block_lanes, Factors>(whole_blocks, from,
                                                                operands.weights, bias, output);
            }
            if constexpr (rest > 0) {
              constexpr int channel = whole_blocks * PackedLayout::block_lanes;
              padded_row<P, rest, Factors>(1, from,
                                           operands.weights + layout.block_offset(whole_blocks),
                                           bias + channel, output + channel);
            }
            if (operands.epilogue.finishes()) operands.epilogue.finish_stored(output, row_outputs);
          }
        }
      });
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
