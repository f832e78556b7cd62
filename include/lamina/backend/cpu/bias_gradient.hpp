// SPDX-License-Identifier: MIT
#pragma once
// Sums over pixels, one for each channel: the gradient of a bias. Pixels are cut into chunks that
// depend on their number only; chunks are summed by threads, then added in order.

#include <algorithm>
#include <cstddef>

#include "lamina/backend/cpu/parallel.hpp"
#include "lamina/backend/cpu/simd.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

inline constexpr std::ptrdiff_t bias_chunks = 64;

/// Rows of a chunk, but for the last one: as few times eight as make no more than bias_chunks of them.
constexpr std::ptrdiff_t bias_chunk_rows(std::ptrdiff_t rows) {
  const std::ptrdiff_t eights = (rows + 8 * bias_chunks - 1) / (8 * bias_chunks);
  return 8 * (std::max)(eights, std::ptrdiff_t{1});
}

/// Floats that one chunk's sums take.
constexpr std::size_t bias_chunk_size(int channels) {
  // Pixels of few channels are summed `lanes` at a time, so that vectors are full.
  const int summed = channels < vector_lanes ? channels * vector_lanes : channels;
  return (static_cast<std::size_t>(summed) + 15) / 16 * 16;
}

/// sums[c] = sum over rows of values[row][c]; eight rows are added pairwise first.
inline void sum_rows(std::ptrdiff_t rows, int channels, const float* values, float* sums) {
  std::fill(sums, sums + channels, 0.0F);
  const auto add = [&](const float* from, int channel, auto loaded, int count) {
    const auto row = [&](int r) { return loaded(from + channel + std::ptrdiff_t{r} * channels); };
    Vec total = row(0);
    if (count == 8) {
      total = ((total + row(1)) + (row(2) + row(3))) + ((row(4) + row(5)) + (row(6) + row(7)));
    }
    return total;
  };
  for (std::ptrdiff_t first = 0; first < rows;) {
    const int count = rows - first >= 8 ? 8 : 1;
    const float* from = values + first * channels;
    int channel = 0;
    for (; channel + lanes <= channels; channel += lanes) {
      const Vec total =
          add(from, channel, [](const float* at) { return load_unaligned(at); }, count);
      store(sums + channel, load(sums + channel) + total);
    }
    if (const int left = channels - channel; left > 0) {
      const Vec total =
          add(from, channel, [left](const float* at) { return load_partial(at, left); }, count);
      store_partial(sums + channel, load_partial(sums + channel, left) + total, left);
    }
    first += count;
  }
}

}  // namespace cpu_kernels

/// Floats of scratch memory that bias_gradient needs, 64-byte aligned.
constexpr std::size_t bias_gradient_workspace(int channels) {
  return static_cast<std::size_t>(cpu_kernels::bias_chunks) *
         cpu_kernels::bias_chunk_size(channels);
}

/// gradient[c] += sum over `pixels` of output_gradient[pixel][c].
inline void bias_gradient(std::ptrdiff_t pixels, int channels, const float* output_gradient,
                          float* gradient, float* workspace) {
  const auto size = static_cast<std::ptrdiff_t>(cpu_kernels::bias_chunk_size(channels));
  const std::ptrdiff_t folded = channels < lanes ? lanes : 1;  // pixels summed side by side
  const std::ptrdiff_t rows = pixels / folded;
  const std::ptrdiff_t chunk_rows = cpu_kernels::bias_chunk_rows(rows);
  const std::ptrdiff_t chunks = (rows + chunk_rows - 1) / chunk_rows;
  const int row_channels = channels * static_cast<int>(folded);
  const double work = static_cast<double>(pixels) * channels;
  cpu_kernels::parallel_ranges(chunks, work, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
    for (std::ptrdiff_t chunk = first; chunk < last; ++chunk) {
      const std::ptrdiff_t begin = chunk * chunk_rows;
      const std::ptrdiff_t end = (std::min)(rows, begin + chunk_rows);
      cpu_kernels::sum_rows(end - begin, row_channels, output_gradient + begin * row_channels,
                            workspace + chunk * size);
    }
  });
  for (int c = 0; c < channels; ++c) {
    double total = 0;
    for (std::ptrdiff_t chunk = 0; chunk < chunks; ++chunk) {
      for (std::ptrdiff_t i = 0; i < folded; ++i) {
        total += static_cast<double>(workspace[chunk * size + i * channels + c]);
      }
    }
    for (std::ptrdiff_t pixel = rows * folded; pixel < pixels; ++pixel) {
      total += static_cast<double>(output_gradient[pixel * channels + c]);
    }
    gradient[c] += static_cast<float>(total);
  }
}

}  // namespace lamina::inline LAMINA_ISA
