// SPDX-License-Identifier: MIT
// The diagram of a network: well-formed, to scale, no text over another, and what stands where.

#include "lamina/plot/diagram.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/shapes.hpp"

#include "common/networks/dcgan.hpp"
#include "support/xml.hpp"

namespace diagram_test {

using namespace lamina;
using lamina::plot::layer_diagram;
using support::XmlElement;

XmlElement generator() {
  constexpr auto& table = layer_table<examples::Dcgan64::Generator, examples::Dcgan64::Latent>;
  return support::read_xml(layer_diagram(table, "G & D", "a < b"));
}

std::vector<std::string> texts(const XmlElement& svg, std::string_view style) {
  std::vector<std::string> found;
  for (const XmlElement& text : svg.all("text", style))
    found.push_back(text.text);
  return found;
}

TEST(Diagram, HasABlockForEveryMapAndALabelBelowEach) {
  const XmlElement svg = generator();
  EXPECT_EQ(svg.name, "svg");
  EXPECT_EQ(svg.all("title").at(0).text, "G & D");
  EXPECT_EQ(texts(svg, "label"),
            (std::vector<std::string>{"100 x 1 x 1", "512 x 4 x 4", "256 x 8 x 8", "128 x 16 x 16",
                                      "64 x 32 x 32", "3 x 64 x 64"}));
  const auto fronts = svg.all("rect", "front");
  const auto labels = svg.all("text", "label");
  ASSERT_EQ(fronts.size(), 6U);
  for (std::size_t i = 0; i < fronts.size(); ++i) {
    EXPECT_GT(labels[i].number("y"), fronts[i].number("y") + fronts[i].number("height"));
    EXPECT_LT(labels[i].number("y"), fronts[i].number("y") + fronts[i].number("height") + 25.0);
  }
}

TEST(Diagram, BlocksAreToScale) {
  const XmlElement svg = generator();
  const auto fronts = svg.all("rect", "front");
  // Sides of 4, 8, 16, 32 and 64 in steps of 1.5; 1 would be smaller than the least that is drawn.
  for (const auto& [block, side] :
       {std::pair{0U, 2.0}, {1U, 6.0}, {2U, 12.0}, {3U, 24.0}, {4U, 48.0}, {5U, 96.0}}) {
    EXPECT_NEAR(fronts[block].number("width"), side, 0.01);
    EXPECT_NEAR(fronts[block].number("height"), side, 0.01);
  }
  // The upper side of a block: two corners in front, two at the back, which is 84 away for 512.
  const auto depth = [&](std::size_t block) {
    double left, front, right;
    char comma;
    std::istringstream corners(svg.all("polygon", "top").at(block).attributes.at("points"));
    corners >> left >> comma >> front >> right;
    return (right - left) / std::cos(std::numbers::pi / 5.0);
  };
  EXPECT_NEAR(depth(1), 84.0, 0.02);
  EXPECT_NEAR(depth(2), 42.0, 0.02);
  EXPECT_NEAR(depth(0), 84.0 * 100 / 512, 0.02);
  EXPECT_NEAR(depth(5), 84.0 * 3 / 512, 0.02);
  EXPECT_EQ(texts(svg, "note"), (std::vector<std::string>{"a < b", "16 pixels of height and width",
                                                          "128 channels of depth"}));
  const auto bars = svg.all("line", "scale");
  EXPECT_NEAR(bars.at(0).number("x2") - bars.at(0).number("x1"), 16 * 1.5, 0.02);
}

void expect_texts_apart_and_inside(const XmlElement& svg) {
  struct Box {
    double left, right, base;
    std::string text;
  };
  std::vector<Box> boxes;
  for (const XmlElement& text : svg.all("text")) {
    const std::string& style = text.attributes.at("class");
    // DejaVu Sans, the widest of the usual fonts, has 0.6 of its size for a character.
    const double width = static_cast<double>(text.text.size()) * (style == "title" ? 9.0 : 7.2);
    const double x = text.number("x");
    const bool centred = style == "label" || style == "layer" || style == "detail";
    const double left = centred ? x - width / 2.0 : x;
    boxes.push_back({left, left + width, text.number("y"), text.text});
  }
  ASSERT_GT(boxes.size(), 10U);
  for (const Box& a : boxes) {
    EXPECT_GT(a.left, 0.0) << a.text;
    EXPECT_LT(a.right, svg.number("width")) << a.text;
    EXPECT_LT(a.base, svg.number("height")) << a.text;
    for (const Box& b : boxes)
      EXPECT_TRUE(&a == &b || a.right <= b.left || b.right <= a.left || a.base >= b.base + 12.0 ||
                  b.base >= a.base + 12.0)
          << a.text << " and " << b.text;
  }
  EXPECT_LE(svg.number("width"), 1000.0);
}

TEST(Diagram, NoTextLiesOverAnotherAndAllAreInside) {
  expect_texts_apart_and_inside(generator());
  using examples::TensorFlowDcgan;
  using Branches = Sequential<Conv2d<3, 8, 3, 1, 1>, Concat<Identity, Residual<Conv2d<8, 8, 1>>>>;
  for (const std::string& diagram :
       {layer_diagram(layer_table<TensorFlowDcgan::Generator, TensorFlowDcgan::Latent>, "net"),
        layer_diagram(layer_table<Branches, Shape<3, 300, 5>>, "net", std::string(120, 'm'))})
    expect_texts_apart_and_inside(support::read_xml(diagram));
}

TEST(Diagram, LayersThatMakeNoMapAreWrittenBelowTheArrow) {
  using Net = Sequential<ConvTranspose2d<1, 4, 5, 2, 2, 1>, BatchNorm2d<4>, AddCondition<9, 4>,
                         LeakyReLU<0.3>, Conv2d<4, 4, 3, 1, 1>, Flatten, Linear<784, 10>>;
  const XmlElement svg = support::read_xml(layer_diagram(layer_table<Net, Shape<1, 7, 7>>, "net"));
  EXPECT_EQ(texts(svg, "layer"),
            (std::vector<std::string>{"ConvTranspose2d", "Conv2d", "Flatten", "Linear"}));
  EXPECT_EQ(
      texts(svg, "detail"),
      (std::vector<std::string>{"5 x 5, stride 2", "padding 2", "output padding 1", "BatchNorm2d",
                                "AddCondition", "LeakyReLU<0.3>", "3 x 3, stride 1", "padding 1"}));
  EXPECT_EQ(texts(svg, "label"),
            (std::vector<std::string>{"1 x 7 x 7", "4 x 14 x 14", "4 x 14 x 14", "784", "10"}));
  const auto bars = svg.all("rect", "vector");
  ASSERT_EQ(bars.size(), 2U);
  EXPECT_NEAR(bars[0].number("height") / bars[1].number("height"), 110.0 / 2.0, 0.01)
      << "10 values are drawn as high as the least there is";
}

TEST(Diagram, BranchesAreNumberedWhereTheyBeginAndWhereTheyGo) {
  using Net =
      Sequential<Conv2d<1, 2, 3, 1, 1>, ReLU, Concat<Tanh, Sequential<Conv2d<2, 3, 3, 1, 1>, ReLU>>,
                 Residual<BatchNorm2d<5>, ReLU, Conv2d<5, 5, 3, 1, 1>>>;
  const XmlElement svg = support::read_xml(layer_diagram(layer_table<Net, Shape<1, 9, 6>>, "net"));
  EXPECT_EQ(texts(svg, "layer"), (std::vector<std::string>{"Conv2d", "Tanh", "Conv2d", "Concat",
                                                           "BatchNorm2d", "Conv2d", "Residual"}));
  EXPECT_EQ(texts(svg, "label"),
            (std::vector<std::string>{"1 x 9 x 6", "2 x 9 x 6", "branch 1", "2 x 9 x 6", "branch 2",
                                      "3 x 9 x 6", "5 x 9 x 6", "branch 3", "5 x 9 x 6",
                                      "5 x 9 x 6", "5 x 9 x 6"}));
  const auto details = texts(svg, "detail");
  for (const char* const words : {"of branch 1", "with branch 2", "with branch 3"})
    EXPECT_EQ(std::count(details.begin(), details.end(), words), 1) << words;
}

TEST(Diagram, ANetworkNeedsALayer) {
  EXPECT_THROW(layer_diagram(layer_table<Sequential<>, Shape<4>>, "net"), std::invalid_argument);
}

}  // namespace diagram_test
