// SPDX-License-Identifier: MIT
// Report: everything is escaped, pictures are inside and come out bit by bit, nothing points
// elsewhere.

#include "lamina/plot/report.hpp"

#include <cstddef>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/plot/png.hpp"

#include "support/temporary_folder.hpp"

namespace report_test {

using lamina::plot::Report;
using lamina::plot::detail::base64;

std::vector<std::byte> bytes_of(std::string_view text) {
  std::vector<std::byte> bytes;
  for (const char c : text)
    bytes.push_back(static_cast<std::byte>(c));
  return bytes;
}

/// The other direction, by another way: a table lookup bit by bit.
std::vector<std::byte> from_base64(const std::string& text) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<bool> bits;
  for (const char c : text) {
    if (c == '=') break;
    const auto value = alphabet.find(c);
    if (value == std::string::npos) throw std::runtime_error("not base64");
    for (int bit = 5; bit >= 0; --bit)
      bits.push_back((value >> bit & 1U) != 0);
  }
  std::vector<std::byte> bytes(bits.size() / 8);
  for (std::size_t i = 0; i < bytes.size() * 8; ++i)
    if (bits[i]) bytes[i / 8] |= std::byte{0x80} >> static_cast<int>(i % 8);
  return bytes;
}

TEST(Base64, VectorsOfRfc4648) {
  const std::vector<std::pair<std::string, std::string>> vectors{{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors)
    EXPECT_EQ(base64(bytes_of(plain)), encoded);
  EXPECT_EQ(base64(bytes_of("\xFB\xEF\xFF")), "++//");
}

TEST(Report, EscapesEveryText) {
  const std::string evil = "<script>alert('x' & \"y\")</script>\x01";
  const std::string safe = "&lt;script&gt;alert(&#39;x&#39; &amp; &quot;y&quot;)&lt;/script&gt; ";
  Report report{evil, evil};
  const auto png = lamina::plot::encode_png(lamina::plot::Picture{3, 2});
  report.section(evil).paragraph(evil).note(evil).list({evil}).preformatted(evil);
  report.table({evil}, {{evil}}, evil).figure(png, evil, evil);
  const auto html = report.html();
  EXPECT_EQ(html.find("<script"), std::string::npos);
  std::size_t count = 0;
  for (auto at = html.find(safe); at != std::string::npos; at = html.find(safe, at + 1))
    ++count;
  EXPECT_EQ(count, 13U) << "<title> and <h1> share the first of twelve texts";
}

TEST(Report, FiguresComeOutBitByBit) {
  lamina::plot::Picture picture{31, 17};
  picture.disc({15, 8}, 6, {10, 200, 30});
  const auto png = lamina::plot::encode_png(picture);
  Report report{"title"};
  report.figure(png, "a disc");
  const auto html = report.html();
  std::smatch match;
  ASSERT_TRUE(std::regex_search(
      html, match,
      std::regex{
          "src=\"data:image/png;base64,([^\"]*)\" alt=\"a disc\" width=\"31\" height=\"17\""}));
  EXPECT_EQ(from_base64(match[1]), png);
}

TEST(Report, NeedsNothingElse) {
  Report report{"title"};
  report.figure(lamina::plot::encode_png(lamina::plot::Picture{3, 2}), "alt");
  const auto html = report.html();
  EXPECT_TRUE(html.starts_with("<!DOCTYPE html>"));
  for (const char* const word : {"http:", "https:", "<script", "<link", "@import", "url("})
    EXPECT_EQ(html.find(word), std::string::npos) << word;
}

TEST(Report, ColumnsOfNumbersAreAlignedToTheRight) {
  Report report{"title"};
  report.table({"layer", "parameters", "shape"},
               {{"Linear", "1,024", "(1, 28)"}, {"ReLU", "", "(3)"}});
  const auto html = report.html();
  EXPECT_NE(html.find("<th scope=\"col\">layer</th><th scope=\"col\" "
                      "class=\"number\">parameters</th><th scope=\"col\">shape</th>"),
            std::string::npos);
  EXPECT_NE(html.find("<td>Linear</td><td class=\"number\">1,024</td><td>(1, 28)</td>"),
            std::string::npos);
}

TEST(Report, ManyColumnsAreSetClosely) {
  Report few{"title"}, many{"title"};
  few.table(std::vector<std::string>(8, "a"), {});
  many.table(std::vector<std::string>(9, "a"), {});
  EXPECT_EQ(few.html().find("<table class=\"close\">"), std::string::npos);
  EXPECT_NE(many.html().find("<table class=\"close\">"), std::string::npos);
}

TEST(Report, ShortRowsAreFilledAndLongOnesRefused) {
  Report report{"title"};
  report.table({"a", "b"}, {{"x"}});
  EXPECT_NE(report.html().find("<td>x</td><td"), std::string::npos);
  const auto before = report.html();
  EXPECT_THROW(report.table({"a"}, {{"x", "y"}}), std::invalid_argument);
  EXPECT_EQ(report.html(), before);
}

TEST(Report, FiguresMustBePngAndDescribed) {
  Report report{"title"};
  EXPECT_THROW(report.figure(bytes_of("GIF89a and some more bytes"), "alt"), std::invalid_argument);
  EXPECT_THROW(report.figure({}, "alt"), std::invalid_argument);
  EXPECT_THROW(report.figure(lamina::plot::encode_png(lamina::plot::Picture{3, 2}), ""),
               std::invalid_argument);
}

TEST(Report, DrawingsAreInsideAsTheyAre) {
  const std::string svg = "<svg viewBox=\"0 0 2 1\"><title>a &amp; b</title></svg>";
  Report report{"title"};
  report.drawing(svg + "\n", "a < b");
  EXPECT_NE(report.html().find("<div class=\"picture\">" + svg +
                               "</div>\n<figcaption>a &lt; b</figcaption>"),
            std::string::npos);
}

TEST(Report, DrawingsMustBeOneSvgWithATitle) {
  Report report{"title"};
  const auto before = report.html();
  for (const char* const svg :
       {"", "a picture", "<svg viewBox=\"0 0 2 1\"></svg>", "<svg viewBox=\"0 0 2 1\"><title>",
        "<svg ><title>a</title></svg><svg ><title>b</title></svg>",
        "<svg ><title>a</title><script>alert(1)</script></svg>"})
    EXPECT_THROW(report.drawing(svg), std::invalid_argument) << svg;
  EXPECT_EQ(report.html(), before);
}

TEST(Report, IsSavedAsAWhole) {
  const support::TemporaryFolder folder;
  Report report{"title"};
  report.save(folder / "report.html");
  EXPECT_EQ(support::content(folder / "report.html"), report.html());
  EXPECT_EQ(folder.file_count(), 1U);
}

}  // namespace report_test
