// SPDX-License-Identifier: MIT
// PNG: decoded again, every pixel is as it was; the same picture gives the same bytes; PNGs of other
// kinds are read, and broken ones refused.

#include "lamina/plot/png.hpp"

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plot/png_chunks.hpp"
#include "support/error_text.hpp"
#include "support/temporary_folder.hpp"

namespace png_test {

using lamina::plot::Color;
using lamina::plot::load_png;
using lamina::plot::Picture;

/// Every pixel another colour, an odd width.
Picture colourful() {
  Picture picture{37, 21};
  for (int y = 0; y < 21; ++y)
    for (int x = 0; x < 37; ++x)
      picture.set(x, y,
                  {static_cast<std::uint8_t>(7 * x), static_cast<std::uint8_t>(12 * y),
                   static_cast<std::uint8_t>(x * y)});
  return picture;
}

TEST(Png, DecodesToTheSamePixels) {
  const support::TemporaryFolder folder;
  const auto picture = colourful();
  lamina::plot::save_png(folder / "picture.png", picture);
  const cimg_library::CImg<unsigned char> decoded((folder / "picture.png").c_str());
  EXPECT_EQ(decoded, picture.pixels());
  EXPECT_EQ(folder.file_count(), 1U);
}

TEST(Png, TheSamePictureGivesTheSameBytes) {
  EXPECT_EQ(encode_png(colourful()), encode_png(colourful()));
}

TEST(Png, AFailureKeepsTheOldFile) {
  const support::TemporaryFolder folder;
  lamina::write_file_atomically(folder / "picture.png", "old");
  {
    const support::ReadOnlyFolder locked{folder.path()};
    EXPECT_THROW(lamina::plot::save_png(folder / "picture.png", colourful()), std::runtime_error);
  }
  EXPECT_EQ(support::content(folder / "picture.png"), "old");
}

TEST(Png, LoadsWhatItSaved) {
  const support::TemporaryFolder folder;
  const auto picture = colourful();
  lamina::plot::save_png(folder / "picture.png", picture);
  EXPECT_EQ(load_png(folder / "picture.png").pixels(), picture.pixels());
}

/// A picture of 2 x 1 pixels in another format.
Picture load_pair(const std::vector<plot_test::Chunk>& chunks) {
  const support::TemporaryFolder folder;
  return load_png(folder.write("pair.png", plot_test::write(chunks)));
}

TEST(Png, LoadsGreyPalettesSixteenBitsAndAlpha) {
  using namespace std::string_literals;
  using plot_test::header;
  using plot_test::image_data;
  const plot_test::Chunk end{"IEND", ""};
  const auto expect_pair = [](const Picture& got, Color left, Color right) {
    ASSERT_EQ(got.width(), 2);
    ASSERT_EQ(got.height(), 1);
    ASSERT_EQ(got.pixels().spectrum(), 3);
    EXPECT_EQ(got.at(0, 0), left);
    EXPECT_EQ(got.at(1, 0), right);
  };
  {
    SCOPED_TRACE("grey");
    expect_pair(load_pair({header(2, 1, 8, 0), image_data("\0\x11\xC8"s), end}), {0x11, 0x11, 0x11},
                {0xC8, 0xC8, 0xC8});
  }
  {
    SCOPED_TRACE("palette");
    expect_pair(load_pair({header(2, 1, 8, 3),
                           {"PLTE", "\x01\x02\x03\xF1\xF2\xF3"s},
                           image_data("\0\x01\x00"s),
                           end}),
                {0xF1, 0xF2, 0xF3}, {1, 2, 3});
  }
  {
    SCOPED_TRACE("16 bits: 257 times the 8");
    expect_pair(load_pair({header(2, 1, 16, 2),
                           image_data("\0\x10\x10\x20\x20\x30\x30\xFF\xFF\x80\x80\0\0"s), end}),
                {0x10, 0x20, 0x30}, {0xFF, 0x80, 0});
    expect_pair(load_pair({header(2, 1, 16, 2),
                           image_data("\0\x10\0\x20\x01\x30\x02\xFE\xF0\x80\x7F\0\x03"s), end}),
                {0x10, 0x20, 0x30}, {0xFE, 0x80, 0});
  }
  {
    SCOPED_TRACE("alpha: an opaque pixel and a transparent one");
    expect_pair(
        load_pair({header(2, 1, 8, 6), image_data("\0\x0A\x14\x1E\xFF\x0A\x14\x1E\0"s), end}),
        {10, 20, 30}, {255, 255, 255});
  }
}

TEST(Png, RefusesBrokenFilesWithTheirName) {
  const support::TemporaryFolder folder;
  const auto encoded = encode_png(colourful());
  const std::string png(reinterpret_cast<const char*>(encoded.data()), encoded.size());
  std::string flipped = png;
  flipped[png.size() / 2] ^= 0x10;
  const auto refusal = [](const std::filesystem::path& path) {
    return support::error_text<std::runtime_error>([&] { load_png(path); });
  };
  const std::string start = "cannot read the picture '";
  EXPECT_TRUE(support::says(refusal(folder / "none.png"), start, "none.png", "No such file"));
  EXPECT_TRUE(support::says(refusal(folder.write("text.png", "no picture, but a text")), start,
                            "text.png", "PNG"));
  EXPECT_TRUE(support::says(refusal(folder.write("empty.png", "")), start, "empty.png"));
  EXPECT_TRUE(support::says(refusal(folder.write("half.png", png.substr(0, png.size() / 2))), start,
                            "half.png"));
  EXPECT_TRUE(support::says(refusal(folder.write("flipped.png", flipped)), start, "flipped.png"));
}

}  // namespace png_test
