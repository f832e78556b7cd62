// SPDX-License-Identifier: MIT
// Picture: what is drawn covers the pixels it should, with smooth edges, and nothing outside.

#include "lamina/plot/image.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace image_test {

using lamina::plot::Color;
using lamina::plot::Picture;
using lamina::plot::Point;
namespace colors = lamina::plot::colors;
constexpr Color black{0, 0, 0};

/// How much black lies on a white picture, in pixels.
double coverage(const Picture& picture) {
  double sum = 0;
  for (int y = 0; y < picture.height(); ++y)
    for (int x = 0; x < picture.width(); ++x)
      sum += (255 - picture.at(x, y).red) / 255.0;
  return sum;
}

TEST(Picture, RectanglesAreClipped) {
  Picture picture{4, 3};
  picture.rectangle(2, 1, 10, 10, black);
  picture.rectangle(-5, -5, 5, 5, black);
  EXPECT_EQ(coverage(picture), 4);
  EXPECT_EQ(picture.at(2, 1), black);
  EXPECT_EQ(picture.at(1, 1), colors::white);
}

TEST(Picture, ADiscHasItsArea) {
  Picture picture{40, 40};
  picture.disc({20, 20}, 10, black);
  EXPECT_NEAR(coverage(picture), 3.14159 * 100, 2);  // the edge is a ramp one pixel wide
  EXPECT_EQ(picture.at(20, 20), black);
  EXPECT_EQ(picture.at(5, 5), colors::white);
}

TEST(Picture, OpacityMixes) {
  Picture picture{9, 9};
  picture.disc({4.5, 4.5}, 3, black, 0.5);
  EXPECT_EQ(picture.at(4, 4), (Color{128, 128, 128}));
}

TEST(Picture, ALineHasItsAreaAndSmoothEdges) {
  Picture picture{100, 60};
  const std::array<Point, 2> line{{{10, 10}, {90, 50}}};
  picture.stroke(line, 3, black);
  const double length = std::hypot(80, 40);
  EXPECT_NEAR(coverage(picture), 3 * length + 3.14159 * 1.5 * 1.5, 8);
  bool grey = false;
  for (int x = 0; x < 100; ++x)
    grey = grey || (picture.at(x, 30).red > 40 && picture.at(x, 30).red < 215);
  EXPECT_TRUE(grey);
}

TEST(Picture, JointsAreNotPaintedTwice) {
  // The same line in one segment and in forty must give the same picture.
  Picture one{100, 20}, many{100, 20};
  std::vector<Point> points;
  for (int i = 0; i <= 40; ++i)
    points.push_back({10 + 2.0 * i, 10.3});
  many.stroke(points, 2.5, black);
  one.stroke(std::array<Point, 2>{points.front(), points.back()}, 2.5, black);
  EXPECT_EQ(one.pixels(), many.pixels());
}

TEST(Picture, DashesAndGapsAlternate) {
  Picture picture{120, 9};
  const std::array<Point, 3> line{{{10, 4.5}, {50, 4.5}, {110, 4.5}}};
  picture.stroke(line, 1, black, 10);
  EXPECT_EQ(picture.at(15, 4), black);
  EXPECT_EQ(picture.at(25, 4), colors::white);
  EXPECT_EQ(picture.at(35, 4), black);
  EXPECT_EQ(picture.at(45, 4), colors::white);
  EXPECT_EQ(picture.at(55, 4), black) << "the pattern goes on over a corner";
  EXPECT_EQ(picture.at(105, 4), colors::white);
}

TEST(Picture, FarAwayOrEmptyIsHarmless) {
  Picture picture{10, 10};
  picture.disc({1e9, -1e9}, 3, black);
  picture.disc({std::numeric_limits<double>::quiet_NaN(), 1}, 3, black);
  picture.stroke(std::array<Point, 2>{{{1e8, 1e8}, {2e8, 1e8}}}, 3, black);
  picture.stroke({}, 3, black);
  EXPECT_EQ(coverage(picture), 0);
}

TEST(Picture, EnlargingKeepsPixelsSquare) {
  Picture small{2, 1};
  small.set(0, 0, {1, 2, 3});
  small.set(1, 0, {200, 100, 50});
  const auto large = small.enlarged(3);
  ASSERT_EQ(large.width(), 6);
  ASSERT_EQ(large.height(), 3);
  for (int y = 0; y < 3; ++y)
    for (int x = 0; x < 6; ++x)
      EXPECT_EQ(large.at(x, y), small.at(x / 3, 0));
}

}  // namespace image_test
