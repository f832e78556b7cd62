// SPDX-License-Identifier: MIT
#pragma once
// Winograd's minimal filtering F(4x4, 3x3): four by four outputs of a 3x3 window with stride 1 from six by six inputs
// with 36 multiplications for each pair of channels instead of 144. Weights are polynomials, known by their values at six
// points: 0, p, -p, q, -q and infinity; so are the outputs' gradients where weights learn. Inputs and outputs pass the
// transposed interpolation and evaluation. p and q keep all that is added up in one range, so that errors are about
// twice those of plain sums.
// ref    Lavin & Gray 2015, arXiv:1509.09308; Barabasz et al. 2018, arXiv:1803.10986 (points)

#include <array>
#include <concepts>
#include <cstddef>

#include "lamina/backend/cpu/factors.hpp"
#include "lamina/backend/cpu/packed_layout.hpp"
#include "lamina/backend/cpu/parallel.hpp"
#include "lamina/backend/cpu/simd.hpp"
#include "lamina/backend/cpu/window_geometry.hpp"
#include "lamina/backend/cpu/window_product.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

/// One dimension: all transforms are of vectors of channels.
struct Winograd {
  static constexpr int outputs = 4, taps = 3, inputs = 6;
  static constexpr int values = inputs * inputs;  ///< of a tile

  static constexpr float p = 0.625F, q = 1.5F;
  static constexpr float pp = p * p, qq = q * q;

  /// x = B^T d of inputs; `of_filter` divides by what the interpolation has to.
  static void of_input(const Vec (&d)[6], Vec (&x)[6]) {
    const Vec even_p = fmadd(Vec(-qq), d[2], d[4]);
    const Vec odd_p = fmadd(Vec(-qq), d[1], d[3]);
    const Vec even_q = fmadd(Vec(-pp), d[2], d[4]);
    const Vec odd_q = fmadd(Vec(-pp), d[1], d[3]);
    x[0] = fmadd(Vec(pp * qq), d[0], fmadd(Vec(-pp - qq), d[2], d[4]));
    x[1] = fmadd(Vec(p), odd_p, even_p);
    x[2] = fmadd(Vec(-p), odd_p, even_p);
    x[3] = fmadd(Vec(q), odd_q, even_q);
    x[4] = fmadd(Vec(-q), odd_q, even_q);
    x[5] = fmadd(Vec(pp * qq), d[1], fmadd(Vec(-pp - qq), d[3], d[5]));
  }

  /// x = G g: the values of a filter.
  static void of_filter(const Vec (&g)[3], Vec (&x)[6]) {
    const Vec even_p = fmadd(Vec(pp), g[2], g[0]) * Vec(at_p);
    const Vec even_q = fmadd(Vec(qq), g[2], g[0]) * Vec(at_q);
    x[0] = Vec(at_zero) * g[0];
    x[1] = fmadd(Vec(p * at_p), g[1], even_p);
    x[2] = fmadd(Vec(-p * at_p), g[1], even_p);
    x[3] = fmadd(Vec(q * at_q), g[1], even_q);
    x[4] = fmadd(Vec(-q * at_q), g[1], even_q);
    x[5] = g[2];
  }

  /// y = A^T x: outputs from their values.
  static void to_output(const Vec (&x)[6], Vec (&y)[4]) {
    const Vec even_p = x[1] + x[2];
    const Vec odd_p = x[1] - x[2];
    const Vec even_q = x[3] + x[4];
    const Vec odd_q = x[3] - x[4];
    y[0] = x[0] + even_p + even_q;
    y[1] = fmadd(Vec(q), odd_q, Vec(p) * odd_p);
    y[2] = fmadd(Vec(qq), even_q, Vec(pp) * even_p);
    y[3] = fmadd(Vec(q * qq), odd_q, fmadd(Vec(p * pp), odd_p, x[5]));
  }

  /// x = A y: the values of outputs' gradients.
  static void of_output(const Vec (&y)[4], Vec (&x)[6]) {
    const Vec even_p = fmadd(Vec(pp), y[2], y[0]);
    const Vec odd_p = fmadd(Vec(pp), y[3], y[1]);
    const Vec even_q = fmadd(Vec(qq), y[2], y[0]);
    const Vec odd_q = fmadd(Vec(qq), y[3], y[1]);
    x[0] = y[0];
    x[1] = fmadd(Vec(p), odd_p, even_p);
    x[2] = fmadd(Vec(-p), odd_p, even_p);
    x[3] = fmadd(Vec(q), odd_q, even_q);
    x[4] = fmadd(Vec(-q), odd_q, even_q);
    x[5] = y[3];
  }

  /// g = G^T x: a filter's gradient from its values'.
  static void to_filter(const Vec (&x)[6], Vec (&g)[3]) {
    const Vec even_p = (x[1] + x[2]) * Vec(at_p);
    const Vec odd_p = (x[1] - x[2]) * Vec(at_p);
    const Vec even_q = (x[3] + x[4]) * Vec(at_q);
    const Vec odd_q = (x[3] - x[4]) * Vec(at_q);
    g[0] = fmadd(Vec(at_zero), x[0], even_p + even_q);
    g[1] = fmadd(Vec(q), odd_q, Vec(p) * odd_p);
    g[2] = fmadd(Vec(qq), even_q, fmadd(Vec(pp), even_p, x[5]));
  }

 private:
  // One over a point's distances from the other points, multiplied.
  static constexpr float at_zero = 1.0F / (pp * qq);
  static constexpr float at_p = 1.0F / (2.0F * pp * (pp - qq));
  static constexpr float at_q = 1.0F / (2.0F * qq * (qq - pp));
};

/// Both dimensions of a tile: store(row, column, value) of what Transform makes of From x From vectors
/// load(row, column).
template <auto Transform, std::size_t From, std::size_t To, class Load, class Store>
[[gnu::always_inline]] inline void transform_square(const Load& load, const Store& store) {
  Vec half[From][To];  // [column][transformed row]
#pragma GCC unroll 6
  for (std::size_t column = 0; column < From; ++column) {
    Vec values[From];
#pragma GCC unroll 6
    for (std::size_t row = 0; row < From; ++row)
      values[row] = load(row, column);
    Transform(values, half[column]);
  }
#pragma GCC unroll 6
  for (std::size_t row = 0; row < To; ++row) {
    Vec values[From];
#pragma GCC unroll 6
    for (std::size_t column = 0; column < From; ++column)
      values[column] = half[column][row];
    Vec transformed[To];
    Transform(values, transformed);
#pragma GCC unroll 6
    for (std::size_t column = 0; column < To; ++column)
      store(row, column, transformed[column]);
  }
}

/// How the outputs of a batch are cut into tiles of four by four, image after image.
struct WinogradTiles {
  int height, width;  ///< of the outputs

  constexpr int rows() const { return ceil_div(height, Winograd::outputs); }
  constexpr int columns() const { return ceil_div(width, Winograd::outputs); }
  constexpr int of_image() const { return rows() * columns(); }
  constexpr std::ptrdiff_t image(std::ptrdiff_t tile) const { return tile / of_image(); }
  constexpr int top(std::ptrdiff_t tile) const {
    return static_cast<int>(tile % of_image()) / columns() * Winograd::outputs;
  }
  constexpr int left(std::ptrdiff_t tile) const {
    return static_cast<int>(tile % of_image()) % columns() * Winograd::outputs;
  }
};

/// Images, channels last.
struct WinogradGrid {
  int height, width, channels;

  constexpr std::ptrdiff_t image() const { return std::ptrdiff_t{1} * height * width * channels; }
  constexpr std::ptrdiff_t pixel(int y, int x) const {
    return (std::ptrdiff_t{1} * y * width + x) * channels;
  }
};

/// A stride of at least so many floats that is an odd number of cache lines, so that what lies so far apart does not
/// compete for the same few places of a cache.
constexpr std::ptrdiff_t odd_lines(std::ptrdiff_t floats) {
  constexpr std::ptrdiff_t line = 16;
  return ((floats + line - 1) / line | 1) * line;
}

/// Where the values of many tiles lie: of each point those of all tiles, of each tile those of all channels.
struct WinogradValues {
  int tiles, channels;

  constexpr std::ptrdiff_t tile() const { return odd_lines(channels); }
  constexpr std::ptrdiff_t point() const { return odd_lines(tiles * tile()); }
  constexpr std::ptrdiff_t size() const { return Winograd::values * point(); }
};

/// Where the values of weights, or the sums that become their gradient, lie: of each point a packed matrix.
struct WinogradWeights {
  PackedLayout weights;  ///< of all nine taps

  constexpr PackedLayout of_point() const { return {1, weights.rows, weights.lane_channels}; }
  constexpr std::ptrdiff_t point() const {
    return odd_lines(static_cast<std::ptrdiff_t>(of_point().size()));
  }
  constexpr std::ptrdiff_t size() const { return Winograd::values * point(); }

  /// Calls body(row, lane) for the vectors of weights, on all threads, in the order in which they lie in memory.
  template <class Body>
  void for_each_vector(const Body& body) const {
    const double work = 8.0 * Winograd::values * weights.rows * weights.lane_channels;
    parallel_ranges(std::ptrdiff_t{1} * weights.blocks() * weights.rows, work,
                    [&](std::ptrdiff_t first, std::ptrdiff_t last) {
                      for (; first < last; ++first) {
                        const int block = static_cast<int>(first / weights.rows);
                        const int row = static_cast<int>(first % weights.rows);
                        const int lane = block * PackedLayout::block_lanes;
                        for (int v = 0; v < weights.block_width(block); v += lanes)
                          body(row, lane + v);
                      }
                    });
  }
};

/// The tiles of a batch as they are read: Side x Side pixels, those outside the image at `outside`, which are zero.
template <std::size_t Side>
struct WinogradReader {
  using Pixels = std::array<const float*, Side * Side>;

  const float* batch;
  WinogradGrid grid;
  WinogradTiles tiles;
  int padding;
  const float* outside;

  Pixels pixels(std::ptrdiff_t tile) const {
    const float* const image = batch + tiles.image(tile) * grid.image();
    const int top = tiles.top(tile) - padding;
    const int left = tiles.left(tile) - padding;
    Pixels at;
    for (std::size_t row = 0; row < Side; ++row) {
      for (std::size_t column = 0; column < Side; ++column) {
        const int y = top + static_cast<int>(row);
        const int x = left + static_cast<int>(column);
        const bool inside = y >= 0 && y < grid.height && x >= 0 && x < grid.width;
        at[row * Side + column] = inside ? image + grid.pixel(y, x) : outside;
      }
    }
    return at;
  }

  /// The values of the tiles [first, last).
  template <auto Transform>
  void transform(std::ptrdiff_t first, std::ptrdiff_t last, const WinogradValues& values,
                 float* to) const {
    Pixels at = pixels(first);
    for (std::ptrdiff_t tile = first; tile < last; ++tile, to += values.tile()) {
      const Pixels next = tile + 1 < last ? pixels(tile + 1) : at;
      transform_tile<Transform>(at, next, grid.channels, values.point(), to);
      at = next;
    }
  }

 private:
  /// A function of its own, so that pixels are found in memory: in registers they would leave no room. The next tile's
  /// come near meanwhile: no hardware guesses where they lie.
  template <auto Transform>
  [[gnu::noinline]] static void transform_tile(const Pixels& at, const Pixels& next, int channels,
                                               std::ptrdiff_t point, float* to) {
    for (int c = 0; c < channels; c += lanes) {
      transform_square<Transform, Side, Winograd::inputs>(
          [&](std::size_t row, std::size_t column) __attribute__((always_inline)) {
            bring_near(next[row * Side + column] + c);
            return load_unaligned(at[row * Side + column] + c);
          },
          [&](std::size_t row, std::size_t column, const Vec& value)
              __attribute__((always_inline)) {
                store(to + static_cast<std::ptrdiff_t>(row * Winograd::inputs + column) * point + c,
                      value);
              });
    }
  }
};

/// Whether a window's products can be computed in this way and should be: whole vectors of channels, and grids whose
/// tiles, four at least, come to half the multiplications or less, with what is cut off.
constexpr bool winograd_fits(const WindowGeometry& g) {
  constexpr int fewest_channels = 16;
  const auto fits = [](int height, int width) {
    const WinogradTiles tiles{height, width};
    return tiles.of_image() >= 4 && 2 * tiles.of_image() * Winograd::values <= height * width * 9;
  };
  const auto channels_fit = [](int channels) {
    return channels >= fewest_channels && channels % vector_lanes == 0;
  };
  return g.kernel == Winograd::taps && g.stride == 1 && g.padding < Winograd::taps &&
         channels_fit(g.big_channels) && channels_fit(g.small_channels) &&
         fits(g.small_height, g.small_width) && fits(g.big_height, g.big_width);
}

template <WindowGeometry G, class Factors>
inline constexpr bool by_winograd = std::same_as<Factors, Float32Factors> && winograd_fits(G);

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
