// SPDX-License-Identifier: MIT
// Charts: curves, bars and points appear in their colours where their values say; odd data is no
// accident.

#include "lamina/plot/curves.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/plot/bars.hpp"
#include "lamina/plot/scatter.hpp"

namespace curves_test {

using lamina::plot::bar_chart;
using lamina::plot::ChartOptions;
using lamina::plot::Color;
using lamina::plot::line_chart;
using lamina::plot::Picture;
using lamina::plot::Point;
using lamina::plot::scatter_plot;
using lamina::plot::Series;
using lamina::plot::series_color;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// The box around all pixels of one colour.
struct Box {
  int left = 1 << 20, right = -1, top = 1 << 20, bottom = -1, count = 0;
};

Box find(const Picture& picture, Color color) {
  Box box;
  for (int y = 0; y < picture.height(); ++y)
    for (int x = 0; x < picture.width(); ++x) {
      if (picture.at(x, y) != color) continue;
      box.left = (std::min)(box.left, x), box.right = (std::max)(box.right, x);
      box.top = (std::min)(box.top, y), box.bottom = (std::max)(box.bottom, y);
      ++box.count;
    }
  return box;
}

/// Without texts, so that only curves are in colour.
const ChartOptions plain{.width = 400, .height = 300};

TEST(LineChart, HasTheSizeAskedForAndIsTheSameEachTime) {
  const std::vector<Series> series{{"a", {1, 2, 3}, {3, 1, 2}}};
  const auto chart = line_chart(series, plain);
  EXPECT_EQ(chart.width(), 400);
  EXPECT_EQ(chart.height(), 300);
  EXPECT_EQ(chart.pixels(), line_chart(series, plain).pixels());
}

TEST(LineChart, CurvesFollowTheirValues) {
  const auto rising = line_chart({{"a", {0, 1}, {0, 10}}}, plain);
  const auto box = find(rising, series_color(0));
  EXPECT_LT(box.left, 80);
  EXPECT_GT(box.right, 340);
  EXPECT_LT(box.top, 40);
  EXPECT_GT(box.bottom, 250);
  Box left_half;
  for (int y = 0; y < 300; ++y)
    if (rising.at(60, y) == series_color(0)) left_half.top = (std::min)(left_half.top, y);
  EXPECT_GT(left_half.top, 150) << "low values lie low";
}

TEST(LineChart, ALogAxisMakesPowersStraight) {
  // 1, 10, 100: the middle point lies in the middle of a logarithmic axis, near the bottom of a
  // linear one.
  const std::vector<Series> middle{{"a", {0, 1, 2}, {nan, 10, nan}, series_color(3)},
                                   {"b", {0, 2}, {1, 100}}};
  auto logarithmic = plain;
  logarithmic.log_y = true;
  const auto at_log = find(line_chart(middle, logarithmic), series_color(3));
  const auto at_linear = find(line_chart(middle, plain), series_color(3));
  EXPECT_LT(at_log.bottom + 50, at_linear.bottom);
}

TEST(LineChart, NotANumberLeavesAGap) {
  std::vector<double> x, y;
  for (int i = 0; i <= 10; ++i) {
    x.push_back(i);
    y.push_back(i >= 4 && i <= 6 ? nan : 1.0);
  }
  const auto chart = line_chart({{"a", x, y}}, plain);
  const auto box = find(chart, series_color(0));
  const int middle = (box.left + box.right) / 2;
  for (int row = 0; row < 300; ++row)
    EXPECT_NE(chart.at(middle, row), series_color(0));
  EXPECT_GT(box.right - box.left, 300);
}

TEST(LineChart, ValuesUpToZeroAreGapsOnALogAxis) {
  auto logarithmic = plain;
  logarithmic.log_y = true;
  EXPECT_GT(find(line_chart({{"a", {1, 2, 3}, {-1, 0, 5}}}, logarithmic), series_color(0)).count,
            10);
  EXPECT_EQ(find(line_chart({{"a", {1, 2, 3}, {-1, 0, -5}}}, logarithmic), series_color(0)).count,
            0);
}

TEST(LineChart, OnePointIsADot) {
  const auto box = find(line_chart({{"a", {1}, {0.0123}}}, plain), series_color(0));
  EXPECT_GT(box.count, 20);
  EXPECT_LT(box.right - box.left, 10);
}

TEST(LineChart, NothingToShowIsStillAChart) {
  const auto inked = [](const Picture& picture) {
    return find(picture, lamina::plot::colors::axis).count;
  };
  EXPECT_GT(inked(line_chart({}, plain)), 100);
  EXPECT_GT(inked(line_chart({{"a", {}, {}}}, plain)), 100);
  EXPECT_GT(inked(line_chart({{"a", {1, 2}, {nan, nan}}}, plain)), 100);
}

TEST(LineChart, InfinityAndHugeValuesAreHarmless) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_GT(find(line_chart({{"a", {1, 2, 3}, {1, infinity, 2}}}, plain), series_color(0)).count,
            10);
  EXPECT_GT(find(line_chart({{"a", {1, 2, 3}, {1, 1e300, 2}}}, plain), series_color(0)).count, 10);
}

TEST(LineChart, AGivenRangeCutsOffAtTheFrame) {
  auto cut = plain;
  cut.y_range = {0, 1};
  const auto box = find(line_chart({{"a", {0, 1, 2}, {0, 50, 0}}}, cut), series_color(0));
  EXPECT_GT(box.top, 8) << "the curve reaches into the title's place";
}

TEST(LineChart, EverySeriesHasItsOwnColourAndALegend) {
  std::vector<Series> series;
  for (int i = 0; i < 10; ++i)
    series.push_back({"series number " + std::to_string(i), {1, 2}, {i * 1.0, i * 1.0}});
  const auto chart = line_chart(series, plain);
  for (std::size_t i = 0; i < 10; ++i)
    EXPECT_GT(find(chart, series_color(i)).count, 100) << i;
}

TEST(LineChart, LengthsMustAgree) {
  EXPECT_THROW(line_chart({{"a", {1, 2}, {1}}}), std::invalid_argument);
}

TEST(BarChart, BarsAreAsHighAsTheirValues) {
  const Color color{1, 2, 3};
  const auto chart = bar_chart({1, 2, nan, 4}, {}, plain, color);
  std::vector<int> heights(400);
  for (int x = 0; x < 400; ++x)
    for (int y = 0; y < 300; ++y)
      if (chart.at(x, y) == color) ++heights[static_cast<std::size_t>(x)];
  std::vector<int> bars;  // one entry per bar
  for (std::size_t x = 1; x < 400; ++x)
    if (heights[x] > 0 && heights[x - 1] == 0) bars.push_back(heights[x]);
  ASSERT_EQ(bars.size(), 3U);
  EXPECT_NEAR(bars[1], 2 * bars[0], 2);
  EXPECT_NEAR(bars[2], 4 * bars[0], 3);
}

TEST(BarChart, NegativeValuesHangFromZero) {
  const Color color{1, 2, 3};
  const auto both = find(bar_chart({-1, 1}, {}, plain, color), color);
  const auto up = find(
      bar_chart({0, 1}, {}, {.y_range = std::pair{-1.0, 1.0}, .width = 400, .height = 300}, color),
      color);
  EXPECT_GT(both.bottom, up.bottom + 50);
}

TEST(BarChart, NamesAreForAllOrNone) {
  EXPECT_THROW(bar_chart({1, 2}, {"a"}), std::invalid_argument);
  EXPECT_EQ(bar_chart({}, {}, plain).width(), 400);
}

TEST(ScatterPlot, PointsHaveTheColourOfTheirClass) {
  const std::vector<Point> points{{0, 0}, {1, 0}, {0, 1}, {nan, 0}};
  const std::vector<std::uint8_t> classes{0, 1, 1, 0};
  const auto without = scatter_plot({}, {}, {"a", "b"}, plain);
  const auto chart = scatter_plot(points, classes, {"a", "b"}, plain);
  int changed = 0;
  for (int y = 0; y < 300; ++y)
    for (int x = 0; x < 400; ++x)
      changed += chart.at(x, y) == without.at(x, y) ? 0 : 1;
  EXPECT_GT(changed, 3 * 30);
  EXPECT_GT(find(chart, series_color(1)).count, 20) << "the legend";
}

TEST(ScatterPlot, EveryPointNeedsAClassWithAName) {
  const std::vector<Point> points{{0, 0}};
  const std::vector<std::uint8_t> none, second{1};
  EXPECT_THROW(scatter_plot(points, none, {"a"}), std::invalid_argument);
  EXPECT_THROW(scatter_plot(points, second, {"a"}), std::invalid_argument);
}

}  // namespace curves_test
