// SPDX-License-Identifier: MIT
// Grids packed for weight tiles, and what they are made of.

#include "lamina/backend/cpu/packed_grid.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "support/with_threads.hpp"

namespace {

using namespace lamina;
using namespace lamina::cpu_kernels;

constexpr float untouched = -1.0F;

/// 1, 2, 3 ...
std::vector<float> numbers(std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = static_cast<float>(i + 1);
  return values;
}

TEST(CopyChannels, WritesNothingBehindAnExactEnd) {
  constexpr int stride = 3 * lanes + 1;
  for (int width = 1; width <= 2 * lanes; ++width) {
    for (const int channels : {width, std::max(width - 1, 1), width + lanes}) {
      for (int count = 1; count <= 20; ++count) {
        // Behind the last pixel's channels nothing may be read either: a sanitizer would say so.
        const auto from = numbers(static_cast<std::size_t>(stride * (count - 1) + channels));
        std::vector<float> to(static_cast<std::size_t>(width * count + 2 * lanes), untouched);
        copy_channels(from.data(), stride, count, channels, width, to.data(), CopyEnd::exact);
        for (int i = 0; i < width * count + 2 * lanes; ++i) {
          const int pixel = i / width;
          const int c = i % width;
          const float expected = pixel >= count ? untouched
                                 : c < channels ? from[static_cast<std::size_t>(pixel * stride + c)]
                                                : 0.0F;
          ASSERT_EQ(to[static_cast<std::size_t>(i)], expected)
              << "width " << width << ", channels " << channels << ", pixels " << count << ", "
              << i;
        }
      }
    }
  }
}

/// Tiles of every width, over numbers of pixels that end within a group of them and with one.
TEST(PackedGrid, HasEachTilesChannelsSideBySide) {
  for (int wide = 1; wide <= 8; ++wide) {
    for (int narrow = 1; narrow <= wide; ++narrow) {
      const ChannelTiles tiles{{wide, narrow, 3, 2}, 3 * wide + 2 * narrow};
      for (const int images : {1, 2, 33, 130}) {
        for (const int threads : {1, 3}) {
          const support::WithThreads with(threads);
          PackedGrid grid{nullptr, tiles, images, 2, 5, 1, 1};
          const auto size = static_cast<std::size_t>(grid.size());
          std::vector<float> packed(size + 2 * lanes, untouched);
          grid.data = packed.data();
          const auto from = numbers(size);
          grid.pack(from.data());
          for (int t = 0; t < tiles.count(); ++t) {
            for (int pixel = 0; pixel < images * 10; ++pixel) {
              const GridCursor at = grid.at(t, pixel / 10, pixel % 10 / 5, pixel % 5);
              for (int c = 0; c < tiles.width(t); ++c) {
                ASSERT_EQ(
                    at.data[c],
                    from[static_cast<std::size_t>(pixel * tiles.channels + tiles.first(t) + c)])
                    << wide << ' ' << narrow << ' ' << images << ' ' << threads << ": tile " << t;
              }
            }
          }
          for (std::size_t i = size; i < packed.size(); ++i)
            ASSERT_EQ(packed[i], untouched);
        }
      }
    }
  }
}

}  // namespace
