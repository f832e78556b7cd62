// SPDX-License-Identifier: MIT
// The worked example of docs/adding-a-backend-operation.md: a scale per channel.
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "docs/document.hpp"

namespace lamina::inline LAMINA_ISA {

struct CpuScale {
  static void scale_channels(std::size_t pixels, std::size_t channels, const float* scale,
                             const float* x, float* y) {
    constexpr std::size_t chunk = 64;  // pixels that one thread takes at a time
    for_parts((pixels + chunk - 1) / chunk, pixels * channels, [=](std::size_t part) {
      for (std::size_t p = part * chunk; p < (std::min)(pixels, (part + 1) * chunk); ++p)
        for_vectors(0, channels, [=](std::size_t c, auto at) {
          at.store(y + p * channels + c, at.load(x + p * channels + c) * at.load(scale + c));
        });
    });
  }
};

}  // namespace lamina::inline LAMINA_ISA

namespace adding_a_backend_operation_test {

using namespace lamina;

TEST(AddingABackendOperation, TheDocumentShowsThisFile) {
  const auto blocks = document::snippets("adding-a-backend-operation.md");
  ASSERT_EQ(blocks.size(), 1U);
  EXPECT_NE(document::text_of(__FILE__).find(blocks[0]), std::string::npos) << blocks[0];
}

TEST(AddingABackendOperation, ScalesEachChannelAroundTheVectorWidth) {
  const int before = num_threads();
  for (const int threads : {1, 2, 5})
    for (const int around : {-1, 0, 1})
      for (const std::size_t pixels : {std::size_t{1}, std::size_t{64}, std::size_t{4001}}) {
        set_num_threads(threads);
        const auto channels = static_cast<std::size_t>(vector_lanes + around);
        std::vector<float> x(pixels * channels), scale(channels), y(pixels * channels + 1, -7.0F);
        for (std::size_t i = 0; i < x.size(); ++i)
          x[i] = static_cast<float>(i % 89) - 40.0F;
        for (std::size_t c = 0; c < channels; ++c)
          scale[c] = 0.5F * static_cast<float>(c) - 1.0F;
        CpuScale::scale_channels(pixels, channels, scale.data(), x.data(), y.data());
        // One multiplication, correctly rounded: equal to the last bit.
        for (std::size_t i = 0; i < x.size(); ++i)
          ASSERT_EQ(y[i], x[i] * scale[i % channels]) << i << " of " << channels << " channels";
        EXPECT_EQ(y.back(), -7.0F) << "nothing behind the end is written";
      }
  set_num_threads(before);
}

}  // namespace adding_a_backend_operation_test
