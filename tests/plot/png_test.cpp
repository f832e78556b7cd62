// SPDX-License-Identifier: MIT
// PNG: decoded again, every pixel is as it was; the same picture gives the same bytes.

#include "lamina/plot/png.hpp"

#include <cstdint>
#include <stdexcept>

#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"

namespace {

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

}  // namespace
