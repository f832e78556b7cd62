// SPDX-License-Identifier: MIT
// Animated PNGs, chunk by chunk: what a viewer with animation plays, and what one without shows.

#include "lamina/plot/apng.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plot/png_chunks.hpp"
#include "support/error_text.hpp"
#include "support/temporary_folder.hpp"

namespace apng_test {

using lamina::plot::encode_apng;
using lamina::plot::Picture;
using plot_test::Chunk;
using plot_test::number;

constexpr int width = 37, height = 21;

/// Three pictures of which no two pixels in one place are the same.
std::vector<Picture> pictures() {
  std::vector<Picture> all;
  for (int i = 0; i < 3; ++i) {
    Picture& picture = all.emplace_back(width, height);
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        picture.set(x, y,
                    {static_cast<std::uint8_t>(7 * x + 50 * i), static_cast<std::uint8_t>(12 * y),
                     static_cast<std::uint8_t>(x * y)});
  }
  return all;
}

std::string bytes_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<Chunk> chunks_of(const std::vector<Picture>& frames, std::uint16_t milliseconds) {
  return plot_test::parse(bytes_of(encode_apng(frames, milliseconds)));
}

std::vector<std::string> data_of(const std::vector<Chunk>& chunks, const std::string& type) {
  std::vector<std::string> found;
  for (const Chunk& chunk : chunks)
    if (chunk.type == type) found.push_back(chunk.data);
  return found;
}

/// The data of frame i in a PNG of its own.
std::string frame_as_png(const std::vector<Chunk>& chunks, std::size_t frame) {
  std::vector<Chunk> still{chunks.front()};
  std::size_t frames_begun = 0;
  for (const auto& [type, data] : chunks) {
    if (type == "fcTL") ++frames_begun;
    if (frames_begun != frame + 1) continue;
    if (type == "IDAT") still.push_back({"IDAT", data});
    if (type == "fdAT") still.push_back({"IDAT", data.substr(4)});
  }
  still.push_back({"IEND", ""});
  return plot_test::write(still);
}

TEST(Apng, ChunksAreInTheFormatsOrder) {
  std::vector<std::string> types;
  for (const Chunk& chunk : chunks_of(pictures(), 100))
    if (types.empty() || types.back() != chunk.type) types.push_back(chunk.type);
  const std::vector<std::string> expected{"IHDR", "acTL", "sRGB", "fcTL", "IDAT",
                                          "fcTL", "fdAT", "fcTL", "fdAT", "IEND"};
  EXPECT_EQ(types, expected);
}

TEST(Apng, SaysHowManyFramesAndPlaysForEver) {
  const auto control = data_of(chunks_of(pictures(), 100), "acTL");
  ASSERT_EQ(control.size(), 1U);
  ASSERT_EQ(control[0].size(), 8U);
  EXPECT_EQ(number(control[0], 0), 3U);
  EXPECT_EQ(number(control[0], 4), 0U) << "plays";
}

TEST(Apng, FramesFillThePictureAndTheLastStaysLonger) {
  const auto frames = data_of(chunks_of(pictures(), 120), "fcTL");
  ASSERT_EQ(frames.size(), 3U);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    SCOPED_TRACE(i);
    ASSERT_EQ(frames[i].size(), 26U);
    EXPECT_EQ(number(frames[i], 4), std::uint32_t{width});
    EXPECT_EQ(number(frames[i], 8), std::uint32_t{height});
    EXPECT_EQ(number(frames[i], 12), 0U) << "offset from the left";
    EXPECT_EQ(number(frames[i], 16), 0U) << "offset from the top";
    EXPECT_EQ(number(frames[i], 20, 2), i == 2 ? 480U : 120U) << "delay";
    EXPECT_EQ(number(frames[i], 22, 2), 1000U) << "of a second";
    EXPECT_EQ(number(frames[i], 24, 2), 0U) << "nothing is disposed of or blended";
  }
}

TEST(Apng, TheLastDelayStopsAtTheFormatsLargest) {
  const auto frames = data_of(chunks_of(pictures(), 20'000), "fcTL");
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_EQ(number(frames[0], 20, 2), 20'000U);
  EXPECT_EQ(number(frames[2], 20, 2), 65'535U);
}

TEST(Apng, SequenceNumbersCountFrameChunks) {
  std::vector<std::uint32_t> sequence;
  for (const auto& [type, data] : chunks_of(pictures(), 100))
    if (type == "fcTL" || type == "fdAT") sequence.push_back(number(data, 0));
  ASSERT_GE(sequence.size(), 5U);
  for (std::size_t i = 0; i < sequence.size(); ++i)
    EXPECT_EQ(sequence[i], i);
}

TEST(Apng, ShowsTheFirstPictureWithoutAnimation) {
  const support::TemporaryFolder folder;
  const auto frames = pictures();
  const auto path = folder.write("animation.png", bytes_of(encode_apng(frames, 100)));
  EXPECT_EQ(lamina::plot::load_png(path).pixels(), frames[0].pixels());
}

TEST(Apng, EveryFrameDecodesToItsPicture) {
  const support::TemporaryFolder folder;
  const auto frames = pictures();
  const auto chunks = chunks_of(frames, 100);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const auto path = folder.write("frame.png", frame_as_png(chunks, i));
    EXPECT_EQ(lamina::plot::load_png(path).pixels(), frames[i].pixels()) << "frame " << i;
  }
}

TEST(Apng, OnePictureIsTheLast) {
  const auto chunks = chunks_of({pictures().front()}, 100);
  EXPECT_EQ(number(data_of(chunks, "acTL").at(0), 0), 1U);
  EXPECT_EQ(number(data_of(chunks, "fcTL").at(0), 20, 2), 400U);
  EXPECT_TRUE(data_of(chunks, "fdAT").empty());
}

TEST(Apng, RefusesNothingAndPicturesOfDifferentSizes) {
  EXPECT_TRUE(support::says(
      support::error_text<std::invalid_argument>([] { encode_apng({}, 100); }), "at least one"));
  for (const Picture& other : {Picture{width, height + 1}, Picture{width - 1, height}}) {
    const std::vector<Picture> mixed{Picture{width, height}, other};
    EXPECT_TRUE(support::says(
        support::error_text<std::invalid_argument>([&] { encode_apng(mixed, 100); }), "one size"));
  }
}

}  // namespace apng_test
