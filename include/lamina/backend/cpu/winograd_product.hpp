// SPDX-License-Identifier: MIT
#pragma once
// Gather and scatter of 3x3 windows with stride 1 by Winograd's minimal filtering: tiles of the input are transformed,
// multiplied by the transformed weights, a product of matrices for each point, and transformed back. A group of
// tiles goes through all three while it is in the cache.

#include <algorithm>
#include <cstddef>

#include "lamina/backend/cpu/packed_layout.hpp"
#include "lamina/backend/cpu/parallel.hpp"
#include "lamina/backend/cpu/run_product.hpp"
#include "lamina/backend/cpu/winograd.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

struct WinogradProduct {
  WinogradGrid input, output;
  int padding;
  bool flipped;  ///< the window's last tap meets the first input: scatter

  constexpr WinogradTiles tiles() const { return {output.height, output.width}; }
  constexpr WinogradWeights weights() const { return {{9, input.channels, output.channels}}; }

  /// Tiles that go through the cache together: as many as the second level holds the values of, or more where the
  /// weights' values, which are read once for each group, come from farther away.
  constexpr int group() const {
    constexpr int tile = 8;  // of images in a product of matrices
    return clamp_to((std::max)(input.channels, output.channels) / 128, 2, 4) * tile;
  }
  constexpr WinogradValues input_values() const { return {group(), input.channels}; }
  constexpr WinogradValues output_values() const { return {group(), output.channels}; }
  constexpr std::ptrdiff_t group_values() const {
    return input_values().size() + output_values().size();
  }
  /// Most groups that are computed at the same time, each in room of its own.
  constexpr int most_parts() const {
    constexpr std::ptrdiff_t floats = 2'000'000;
    return static_cast<int>(std::clamp<std::ptrdiff_t>(floats / group_values(), 8, 32));
  }

  /// How many parts the groups are shared out in: the same number for each thread; one, whose groups all threads
  /// share, where that would leave some without.
  constexpr std::ptrdiff_t parts(std::ptrdiff_t groups, int threads) const {
    constexpr std::ptrdiff_t most_of_thread = 4;
    const std::ptrdiff_t fitting = (std::min)(groups, std::ptrdiff_t{most_parts()});
    if (fitting < threads) return 1;
    return (std::min)(fitting / threads, most_of_thread) * threads;
  }

  constexpr std::size_t workspace() const {
    return static_cast<std::size_t>(weights().size() + input_values().tile() +
                                    most_parts() * group_values());
  }
};

constexpr WinogradProduct winograd_gather(const WindowGeometry& g) {
  return {{g.big_height, g.big_width, g.big_channels},
          {g.small_height, g.small_width, g.small_channels},
          g.padding,
          false};
}
constexpr WinogradProduct winograd_scatter(const WindowGeometry& g) {
  return {{g.small_height, g.small_width, g.small_channels},
          {g.big_height, g.big_width, g.big_channels},
          g.kernel - 1 - g.padding,
          true};
}

/// The values of all weights.
inline void transform_weights(const WinogradProduct& p, const float* weights, float* values) {
  const WinogradWeights to = p.weights();
  to.for_each_vector([&](int row, int lane) {
    float* const at = values + to.of_point().offset(0, row, lane);
    transform_square<&Winograd::of_filter, Winograd::taps, Winograd::inputs>(
        [&](std::size_t y, std::size_t x) __attribute__((always_inline)) {
          const auto tap = static_cast<int>(y * Winograd::taps + x);
          return load(weights + to.weights.offset(p.flipped ? 8 - tap : tap, row, lane));
        },
        [&](std::size_t y, std::size_t x, const Vec& value) __attribute__((always_inline)) {
          store(at + static_cast<std::ptrdiff_t>(y * Winograd::inputs + x) * to.point(), value);
        });
  });
}

/// For each of the points [first, last) the product of matrices, whose images are `count` tiles.
inline void multiply_points(const WinogradProduct& p, const TileSet& set, int count,
                            const float* input_values, const float* weight_values,
                            float* output_values, std::ptrdiff_t first, std::ptrdiff_t last) {
  const WinogradValues in = p.input_values();
  const WinogradValues out = p.output_values();
  const PackedLayout layout = p.weights().of_point();
  const Run all{0, 0, p.input.channels, 1, 0, 1};
  TileArguments a{};
  a.input_image = in.tile();
  a.runs = &all;
  a.run_count = 1;
  a.tap_rows = 1;
  a.output_image = out.tile();
  for (std::ptrdiff_t point = first; point < last; ++point) {
    for (int block = 0; block < layout.blocks(); ++block) {
      a.weights = weight_values + point * p.weights().point() + layout.block_offset(block);
      a.channel = block * PackedLayout::block_lanes;
      a.channels = layout.lane_channels - a.channel;
      const auto vectors = static_cast<std::size_t>(layout.block_width(block) / lanes);
      set.cover(vectors, 0, count, [&](TileFunction function, int tile) {
        a.input = input_values + point * in.point() + tile * in.tile();
        a.output = output_values + point * out.point() + tile * out.tile() + a.channel;
        function(a);
      });
    }
  }
}

/// The outputs of one tile from their values, and what ends them. The places of the next tile's come near meanwhile.
inline void transform_output(const WinogradProduct& p, std::ptrdiff_t tile, const float* values,
                             const Epilogue& epilogue, float* batch) {
  const WinogradGrid& grid = p.output;
  const WinogradTiles tiles = p.tiles();
  const std::ptrdiff_t point = p.output_values().point();
  const int top = tiles.top(tile);
  const int left = tiles.left(tile);
  const auto rows = static_cast<std::size_t>((std::min)(Winograd::outputs, grid.height - top));
  const auto columns = static_cast<std::size_t>((std::min)(Winograd::outputs, grid.width - left));
  const auto place = [&](std::ptrdiff_t of) {
    return batch + tiles.image(of) * grid.image() + grid.pixel(tiles.top(of), tiles.left(of));
  };
  const auto offset = [&](std::size_t row, std::size_t column) {
    return grid.pixel(static_cast<int>(row), static_cast<int>(column));
  };
  float* const first = place(tile);
  const float* const next = place(tile + 1);
  for (int c = 0; c < grid.channels; c += lanes) {
    const Vec bias = epilogue.bias == nullptr ? broadcast(0.0F) : load_unaligned(epilogue.bias + c);
    transform_square<&Winograd::to_output, Winograd::inputs, Winograd::outputs>(
        [&](std::size_t row, std::size_t column) __attribute__((always_inline)) {
          if (row < Winograd::outputs && column < Winograd::outputs)
            bring_near_to_write(next + offset(row, column) + c);
          return load(values +
                      static_cast<std::ptrdiff_t>(row * Winograd::inputs + column) * point + c);
        },
        [&](std::size_t row, std::size_t column, const Vec& value) __attribute__((always_inline)) {
          if (row < rows && column < columns)
            store_unaligned(first + offset(row, column) + c, value + bias);
        });
  }
  if (epilogue.finishes()) {
    for (std::size_t row = 0; row < rows; ++row)
      epilogue.finish_stored(first + offset(row, 0),
                             static_cast<std::ptrdiff_t>(columns) * grid.channels);
  }
}

/// The product of matrices of one point: tiles are its images.
constexpr WindowProduct point_product(const WinogradProduct& p) {
  WindowProduct product = gather_product(linear_geometry(p.input.channels, p.output.channels));
  product.input_image = p.input_values().tile();
  product.output_image = p.output_values().tile();
  return product;
}

/// tiles      of point_product(p)
/// workspace  p.workspace() floats, 64-byte aligned; contents do not matter
inline void run_winograd_product(const WinogradProduct& p, const RowTiles& tiles, int n,
                                 const ProductOperands& operands, float* workspace) {
  if (n == 0) return;
  float* const weight_values = workspace;
  float* const outside = weight_values + p.weights().size();
  float* const room = outside + p.input_values().tile();
  transform_weights(p, operands.weights, weight_values);
  std::fill_n(outside, p.input.channels, 0.0F);

  const WinogradReader<Winograd::inputs> reader{operands.input, p.input, p.tiles(), p.padding,
                                                outside};
  const auto work_of = [&](std::ptrdiff_t count) {
    return 2.0 * static_cast<double>(count) * Winograd::values * p.input.channels *
           p.output.channels;
  };
  /// The tiles [first, last) of the batch, at most a group; shared by threads that are not busy with others.
  const auto run_group = [&](std::ptrdiff_t first, std::ptrdiff_t last, float* input_values) {
    float* const output_values = input_values + p.input_values().size();
    const std::ptrdiff_t count = last - first;
    const double work = work_of(count);
    parallel_ranges(count, work, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
      reader.transform<&Winograd::of_input>(first + begin, first + end, p.input_values(),
                                            input_values + begin * p.input_values().tile());
    });
    parallel_ranges(Winograd::values, work, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
      multiply_points(p, tiles.wide, static_cast<int>(count), input_values, weight_values,
                      output_values, begin, end);
    });
    parallel_ranges(count, work, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
      for (; begin < end; ++begin)
        transform_output(p, first + begin, output_values + begin * p.output_values().tile(),
                         operands.epilogue, operands.output);
    });
  };

  const std::ptrdiff_t count = std::ptrdiff_t{1} * n * p.tiles().of_image();
  const std::ptrdiff_t groups = (count + p.group() - 1) / p.group();
  const std::ptrdiff_t parts = p.parts(groups, threads_for(work_of(count)));
  parallel_ranges(parts, work_of(count), [&](std::ptrdiff_t part, std::ptrdiff_t end) {
    for (; part < end; ++part) {
      const std::ptrdiff_t last_group = groups * (part + 1) / parts;
      for (std::ptrdiff_t group = groups * part / parts; group < last_group; ++group)
        run_group(group * p.group(), (std::min)(count, (group + 1) * p.group()),
                  room + part * p.group_values());
    }
  });
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
