// SPDX-License-Identifier: MIT
// Mosaics: every image lies where it should, enlarged without smoothing, and no text is cut off.

#include "lamina/plot/mosaic.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace mosaic_test {

using lamina::plot::Color;
using lamina::plot::Mosaic;
using lamina::plot::MosaicStyle;
using lamina::plot::Picture;
namespace colors = lamina::plot::colors;

Color grey(int level) {
  const auto value = static_cast<std::uint8_t>(level);
  return {value, value, value};
}

/// What an xtensor looks like from here: (N, C, H, W), value = n + c/10 + h/100 + w/1000 scaled to
/// [0, 1].
struct Batch {
  std::array<std::size_t, 4> dims;
  const std::array<std::size_t, 4>& shape() const { return dims; }
  float operator()(std::size_t n, std::size_t c, std::size_t h, std::size_t w) const {
    return static_cast<float>(n * 100 + c * 50 + h * 10 + w) / 255.0F;
  }
};

TEST(PictureOf, GreyBatchInLogicalOrder) {
  const auto pictures = lamina::plot::pictures_of(Batch{{2, 1, 3, 4}});
  ASSERT_EQ(pictures.size(), 2U);
  EXPECT_EQ(pictures[1].width(), 4);
  EXPECT_EQ(pictures[1].height(), 3);
  EXPECT_EQ(pictures[1].at(3, 2), grey(123));
}

TEST(PictureOf, ColourBatch) {
  const auto picture = lamina::plot::picture_of(Batch{{1, 3, 2, 2}}, 0);
  EXPECT_EQ(picture.at(1, 1), (Color{11, 61, 111}));
}

TEST(PictureOf, SpanInChannelHeightWidthOrder) {
  const std::vector<float> values{0.0F, 0.2F, 0.4F, 0.6F, 0.8F, 1.0F};
  const auto picture = lamina::plot::picture_of(values, 1, 2, 3);
  EXPECT_EQ(picture.at(2, 0), grey(102));
  EXPECT_EQ(picture.at(0, 1), grey(153));
  EXPECT_EQ(picture.at(2, 1), grey(255));
}

TEST(PictureOf, OtherRangesAndClipping) {
  const std::vector<float> values{-1.0F, 0.0F, 1.0F, 7.0F};
  const auto picture = lamina::plot::picture_of(values, 1, 1, 4, {-1, 1});
  EXPECT_EQ(picture.at(0, 0), grey(0));
  EXPECT_EQ(picture.at(1, 0), grey(128));
  EXPECT_EQ(picture.at(2, 0), grey(255));
  EXPECT_EQ(picture.at(3, 0), grey(255));
}

TEST(PictureOf, NotANumberIsSeen) {
  const std::vector<float> values{0.5F, std::nanf("")};
  const auto picture = lamina::plot::picture_of(values, 1, 1, 2);
  EXPECT_EQ(picture.at(1, 0), colors::alarm);
}

TEST(PictureOf, WrongSizesAreRefused) {
  const std::vector<float> values(12);
  EXPECT_THROW(lamina::plot::picture_of(values, 2, 2, 3), std::invalid_argument);
  EXPECT_THROW(lamina::plot::picture_of(values, 1, 2, 3), std::invalid_argument);
}

TEST(Mosaic, GridPlacesEveryImageInRowOrder) {
  std::vector<Picture> images;
  for (int i = 0; i < 7; ++i)
    images.emplace_back(5, 4, grey(20 * i + 10));
  const MosaicStyle style{.scale = 2, .gap = 3, .margin = 6};
  const auto picture = lamina::plot::grid(images, 3, "", style);
  ASSERT_EQ(picture.width(), 2 * 6 + 3 * 10 + 2 * 3);
  ASSERT_EQ(picture.height(), 2 * 6 + 3 * 8 + 2 * 3);
  for (int i = 0; i < 7; ++i) {
    const int x = 6 + i % 3 * 13, y = 6 + i / 3 * 11;
    EXPECT_EQ(picture.at(x, y), grey(20 * i + 10)) << i;
    EXPECT_EQ(picture.at(x + 9, y + 7), grey(20 * i + 10)) << i;
    EXPECT_EQ(picture.at(x + 10, y), colors::white) << i;
  }
  EXPECT_EQ(picture.at(6 + 13, 6 + 22), colors::white) << "no eighth image";
}

TEST(Mosaic, TextsMakeRoomForThemselves) {
  const auto size = [](const std::string& title, const std::string& column,
                       const std::string& label, const std::string& caption) {
    Mosaic mosaic{title};
    if (!column.empty()) mosaic.column_labels({column});
    std::vector<std::string> captions;
    if (!caption.empty()) captions.push_back(caption);
    mosaic.row({Picture{10, 10, grey(0)}}, label, captions);
    const auto picture = mosaic.draw();
    return std::pair{picture.width(), picture.height()};
  };
  const auto [width, height] = size("", "", "", "");
  EXPECT_GT(size("", "", "test image", "").first, width);
  EXPECT_EQ(size("", "", "test image", "").second, height);
  EXPECT_GT(size("", "t = 0.5", "", "").second, height);
  EXPECT_GT(size("", "", "", "a caption wider than the image").first, width + 100);
  EXPECT_GT(size("", "", "", "two\nlines").second, size("", "", "", "one").second);
  EXPECT_GT(size("A title wider than everything", "", "", "").first, width + 100);
}

TEST(Mosaic, NothingIsAPictureToo) {
  EXPECT_GT(Mosaic{}.draw().width(), 0);
  EXPECT_GT(lamina::plot::grid({}, 8).height(), 0);
}

}  // namespace mosaic_test
