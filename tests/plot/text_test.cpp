// SPDX-License-Identifier: MIT
// Text in pictures: UTF-8 never reaches the font, and what is drawn can be seen where it should be.

#include "lamina/plot/text.hpp"

#include <string>

#include <gtest/gtest.h>

#include "lamina/plot/image.hpp"

namespace text_test {

using lamina::plot::Anchor;
using lamina::plot::Picture;
using lamina::plot::text_extent;
using lamina::plot::detail::to_latin1;

TEST(PlotText, Utf8BecomesLatin1) {
  EXPECT_EQ(to_latin1("abc 123"), "abc 123");
  EXPECT_EQ(to_latin1("3 × 4 µ é"), "3 \xD7 4 \xB5 \xE9");
  EXPECT_EQ(to_latin1("a – b → c “q” …"), "a - b -> c \"q\" ...");
  EXPECT_EQ(to_latin1("日 😀"), "? ?");
}

TEST(PlotText, ControlCharactersBecomeSpacesButLinesStay) {
  EXPECT_EQ(to_latin1("a\tb\nc\x7F"), "a b\nc ");
  EXPECT_EQ(to_latin1(std::string_view{"a\0b", 3}), "a b");
}

TEST(PlotText, BrokenUtf8IsMarkedByteByByte) {
  EXPECT_EQ(to_latin1("a\xC3"), "a?");          // cut off
  EXPECT_EQ(to_latin1("\xC0\xAF"), "??");       // overlong
  EXPECT_EQ(to_latin1("\xE9t\xE9"), "?t?");     // Latin-1 by mistake
  EXPECT_EQ(to_latin1("\xF0\x9F\x98"), "???");  // cut off
}

TEST(PlotText, PercentSignsAreJustText) {
  EXPECT_EQ(text_extent("100 %", 14).height, 14);
  EXPECT_GT(text_extent("%s%n%d", 14).width, 20);
}

TEST(PlotText, ExtentGrowsWithTheText) {
  EXPECT_EQ(text_extent("", 14).width, 0);
  EXPECT_LT(text_extent("ab", 14).width, text_extent("abcd", 14).width);
  EXPECT_EQ(text_extent("a\nb", 14).height, 28);
  EXPECT_LT(text_extent("Ankle boot", 14).width, 84)
      << "a class name fits under an image enlarged three times";
}

/// The columns that hold ink: the first and one past the last.
std::pair<int, int> ink(const Picture& picture) {
  int first = picture.width(), last = 0;
  for (int y = 0; y < picture.height(); ++y)
    for (int x = 0; x < picture.width(); ++x)
      if (picture.at(x, y) != lamina::plot::colors::white)
        first = (std::min)(first, x), last = (std::max)(last, x + 1);
  return {first, last};
}

TEST(PlotText, AnchorsPlaceTheText) {
  const int width = text_extent("boot", 16).width;
  for (const auto& [anchor, left] : {std::pair{Anchor::start, 100},
                                     {Anchor::middle, 100 - width / 2},
                                     {Anchor::end, 100 - width}}) {
    Picture picture{200, 20};
    picture.text({100, 0}, "boot", {.size = 16, .horizontal = anchor});
    const auto [first, last] = ink(picture);
    EXPECT_NEAR(first, left, 2);
    EXPECT_NEAR(last, left + width, 2);
  }
}

TEST(PlotText, LinesAreCentredOneByOne) {
  Picture picture{200, 40};
  picture.text({100, 0}, "a long first line\nx", {.size = 16, .horizontal = Anchor::middle});
  int left_of_second = 200;
  for (int y = 18; y < 32; ++y)
    for (int x = 0; x < 200; ++x)
      if (picture.at(x, y) != lamina::plot::colors::white)
        left_of_second = (std::min)(left_of_second, x);
  EXPECT_NEAR(left_of_second, 96, 4);
}

TEST(PlotText, OutsideOfThePictureIsHarmless) {
  Picture picture{20, 20};
  picture.text({-30, -5}, "far left", {});
  picture.text({15, 15}, "cut off", {.upwards = true});
  EXPECT_EQ(picture.width(), 20);
}

}  // namespace text_test
