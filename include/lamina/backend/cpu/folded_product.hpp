// SPDX-License-Identifier: MIT
#pragma once
// Scatter, and gather with stride 1, from many channels to one to four: a matrix product gives each input
// pixel what it adds to the outputs of its window, taps x output channels, and each output then sums what
// its taps have for it. The lanes of a vector are full where a result of one channel would fill one.

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "lamina/backend/cpu/packing.hpp"
#include "lamina/backend/cpu/parallel.hpp"
#include "lamina/backend/cpu/run_product.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

/// A product that folds: output pixel y = v * stride + tap - padding gets its share from input pixel v.
struct Fold {
  int input_height, input_width, input_channels;
  int output_height, output_width, output_channels;
  int kernel, stride, padding;
  bool mirrored;  // the weights' taps count from the other end

  static constexpr int buffer = 16384;  // floats of shares, and of weights

  /// The weights as they are stored, along the input channels, and as the matrix product reads them.
  constexpr PackedLayout stored_layout() const {
    return {1, kernel * kernel * output_channels, input_channels};
  }
  constexpr PackedLayout layout() const { return stored_layout().transposed(); }

  /// Floats between the shares of neighbours: whole vectors.
  constexpr int share() const { return ceil_div(kernel * kernel * output_channels, lanes) * lanes; }
  /// Most taps in a row that one output meets.
  constexpr int most_taps() const { return ceil_div(kernel, stride); }
  /// Input pixels outside the image that outputs of a row or column still ask for.
  constexpr int before() const { return (std::max)(0, most_taps() - 1 - padding / stride); }
  constexpr int after(int input, int output) const {
    return (std::max)(0, (output - 1 + padding) / stride - (input - 1));
  }
  constexpr int row_floats() const {
    return (before() + input_width + after(input_width, output_width)) * share();
  }
  constexpr int buffer_rows() const { return buffer / row_floats(); }

  constexpr bool fits() const {
    return output_channels <= PackedLayout::few && input_channels > PackedLayout::few &&
           kernel * kernel * output_channels > PackedLayout::few && padding >= 0 &&
           layout().size() <= buffer && buffer_rows() >= 2 * most_taps();
  }

  /// The first output of a column phase, and how many there are.
  constexpr int first_output(int phase) const {
    return ((phase - padding) % stride + stride) % stride;
  }
  constexpr int outputs(int phase) const {
    return ceil_div(output_width - first_output(phase), stride);
  }
  constexpr int taps(int phase) const { return (std::max)(0, ceil_div(kernel - phase, stride)); }
  /// Where in a share the weights' tap (y, x) of channel 0 is.
  constexpr int share_of(int y, int x) const {
    const int tap = y * kernel + x;
    return (mirrored ? kernel * kernel - 1 - tap : tap) * output_channels;
  }
};

constexpr Fold scatter_fold(const WindowGeometry& g) {
  return {g.small_height, g.small_width, g.small_channels, g.big_height, g.big_width,
          g.big_channels, g.kernel,      g.stride,         g.padding,    false};
}
/// With stride 1 gathering is scattering with the window turned round.
constexpr Fold gather_fold(const WindowGeometry& g) {
  return {g.big_height,
          g.big_width,
          g.big_channels,
          g.small_height,
          g.small_width,
          g.small_channels,
          g.kernel,
          1,
          g.kernel - 1 - g.padding,
          true};
}

constexpr bool scatter_folds(const WindowGeometry& g) {
  return !g.is_matrix_product() && scatter_fold(g).fits();
}
constexpr bool gather_folds(const WindowGeometry& g) {
  return !g.is_matrix_product() && g.stride == 1 && gather_fold(g).fits();
}

/// Input rows [first, last) against all weights, into the buffer from its row `to` on.
constexpr WindowProduct share_product(const Fold& fold, int first, int last, int to) {
  return {{last - first, to, 1, fold.input_height, first, 1, 1, 0, 1},
          {fold.input_width, fold.before(), 1, fold.input_width, 0, 1, 1, 0, 1},
          1,
          fold.input_channels,
          fold.share(),
          std::ptrdiff_t{1} * fold.input_height * fold.input_width * fold.input_channels,
          std::ptrdiff_t{1} * fold.input_width * fold.input_channels,
          0,
          fold.row_floats(),
          {1, fold.input_channels, fold.share()}};
}

/// One row of outputs. shares: of the input pixel in column 0 that the row's first tap meets; those of
/// further taps lie before it.
template <Fold F, int RowPhase>
void fold_row(const float* shares, const float* bias, float* output) {
  constexpr auto channels = static_cast<std::size_t>(F.output_channels);
  const auto fold_columns = [&]<int Phase>(std::integral_constant<int, Phase>) {
    constexpr int first = F.first_output(Phase);
    const float* from = shares + (first + F.padding) / F.stride * F.share();
    float* to = output + first * F.output_channels;
    for (int i = 0; i < F.outputs(Phase);
         ++i, from += F.share(), to += F.stride * F.output_channels) {
      float sums[channels] = {};
      for (int y = 0; y < F.taps(RowPhase); ++y) {
        for (int x = 0; x < F.taps(Phase); ++x) {
          const float* share = from + (F.share_of(RowPhase + y * F.stride, Phase + x * F.stride) -
                                       y * F.row_floats() - x * F.share());
          for (std::size_t c = 0; c < channels; ++c)
            sums[c] += share[c];
        }
      }
      for (std::size_t c = 0; c < channels; ++c)
        to[c] = sums[c] + bias[c];
    }
  };
  [&]<int... Phase>(std::integer_sequence<int, Phase...>) {
    (fold_columns(std::integral_constant<int, Phase>{}), ...);
  }(std::make_integer_sequence<int, F.stride>{});
}

/// fold_row for each phase of rows.
template <Fold F>
inline constexpr auto fold_rows = []<int... Phase>(std::integer_sequence<int, Phase...>) {
  return std::array<void (*)(const float*, const float*, float*), sizeof...(Phase)>{
      &fold_row<F, Phase>...};
}(std::make_integer_sequence<int, F.stride>{});

/// One image, `weights` in F.layout(). The buffer's pixels outside the image are zero and stay so.
template <Fold F>
void run_folded_image(const TiledProduct& tiled, const ProductOperands& operands, float* buffer) {
  constexpr int top = F.before();
  constexpr int bottom = F.after(F.input_height, F.output_height);
  constexpr int kept = F.most_taps() - 1;
  int origin = -top;  // the input row in the buffer's first row
  int output_row = 0;
  for (int next = origin; next < F.input_height + bottom;) {
    const int end = (std::min)(F.input_height + bottom, origin + F.buffer_rows());
    const auto row = [&](int input_row) {
      return buffer + std::ptrdiff_t{1} * (input_row - origin) * F.row_floats();
    };
    const int first = (std::max)(next, 0);
    const int last = (std::min)(end, F.input_height);
    if (next < 0) std::fill(row(next), row(0), 0.0F);
    if (first < last) {
      const TiledProduct shares{share_product(F, first, last, first - origin), tiled.tiles};
      for (int block = 0; block < F.layout().blocks(); ++block)
        run_block(shares, {operands.input, operands.weights, buffer, {}}, 0, 1, block);
    }
    if (end > F.input_height) std::fill(row((std::max)(next, F.input_height)), row(end), 0.0F);
    for (; output_row < F.output_height && (output_row + F.padding) / F.stride < end;
         ++output_row) {
      const auto phase = static_cast<std::size_t>((output_row + F.padding) % F.stride);
      constexpr std::ptrdiff_t floats = std::ptrdiff_t{1} * F.output_width * F.output_channels;
      float* const outputs = operands.output + output_row * floats;
      fold_rows<F>[phase](row((output_row + F.padding) / F.stride) + F.before() * F.share(),
                          operands.epilogue.bias, outputs);
      if (operands.epilogue.finishes()) operands.epilogue.finish_stored(outputs, floats);
    }
    std::copy(row(end - kept), row(end), buffer);
    origin = end - kept;
    next = end;
  }
}

/// `operands.weights` in F.stored_layout().
template <Fold F, class Factors>
void run_folded_product(int n, const ProductOperands& operands) {
  static constexpr WindowProduct product = share_product(F, 0, F.input_height, 0);
  static constexpr TiledProduct tiled{product, tiles_for<product, Factors>()};
  static constexpr float no_bias[PackedLayout::few] = {};
  alignas(64) float weights[Fold::buffer];
  transpose(F.stored_layout(), operands.weights, weights);
  const double work = 1.0 * n * operations(product);
  parallel_ranges(n, work, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
    alignas(64) float buffer[Fold::buffer];
    std::fill(buffer, buffer + F.buffer_rows() * F.row_floats(), 0.0F);
    ProductOperands image{nullptr, weights, nullptr, operands.epilogue};
    if (image.epilogue.bias == nullptr) image.epilogue.bias = no_bias;
    for (std::ptrdiff_t i = first; i < last; ++i) {
      image.input = operands.input + i * F.input_height * F.input_width * F.input_channels;
      image.output = operands.output + i * F.output_height * F.output_width * F.output_channels;
      run_folded_image<F>(tiled, image, buffer);
    }
  });
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
