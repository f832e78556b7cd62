// SPDX-License-Identifier: MIT
// Text, the compiler's string: numbers, cutting off, and layer names.

#include "lamina/core/text.hpp"

#include <string_view>

#include <gtest/gtest.h>

namespace text_test {

using lamina::Text;

template <class T>
constexpr Text text_of(T value) {
  return Text{} << value;
}

static_assert(text_of(0).view() == "0");
static_assert(text_of(-120).view() == "-120");
static_assert(text_of(9'223'372'036'854'775'807LL).view() == "9223372036854775807");
static_assert(text_of(0.2).view() == "0.2");
static_assert(text_of(0.01).view() == "0.01");
static_assert(text_of(1.0).view() == "1");
static_assert(text_of(0.0).view() == "0");
static_assert(text_of(0.1).view() == "0.1");
static_assert(text_of(12.3456).view() == "12.3456");
static_assert(lamina::name_with("Conv2d", 1, 32, 4).view() == "Conv2d<1, 32, 4>");
static_assert(lamina::name_with("Linear", "infer", 10).view() == "Linear<infer, 10>");

TEST(Text, CutsOffPastItsCapacity) {
  Text text;
  for (int i = 0; i < 30; ++i)
    text << "12345";
  EXPECT_EQ(text.view().size(), Text::capacity);
  EXPECT_EQ(text.view().substr(0, 6), "123451");
}

TEST(Text, WritesNegativeFractions) {
  EXPECT_EQ(text_of(-0.25).view(), "-0.25");
  EXPECT_EQ(text_of(-1.5).view(), "-1.5");
}

}  // namespace text_test
