// SPDX-License-Identifier: MIT
#pragma once
// A report as one HTML file that needs nothing beside it: pictures are inside, no script, light and
// dark, printable. std only; pictures come in as the bytes of a PNG or as SVG.

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "lamina/core/isa.hpp"
#include "lamina/io/atomic_file.hpp"
#include "lamina/plot/markup.hpp"
#include "lamina/plot/report_style.hpp"

namespace lamina::inline LAMINA_ISA::plot {

/// A page built from top to bottom. All texts but an SVG are plain text in UTF-8 and are escaped.
class Report {
 public:
  explicit Report(std::string_view title, std::string_view subtitle = "");

  Report& section(std::string_view heading);
  Report& paragraph(std::string_view text);
  Report& list(const std::vector<std::string>& items);

  /// A paragraph that stands out: the result, a warning.
  Report& note(std::string_view text);

  /// Cells that are numbers are aligned to the right. Many columns are set closely.
  /// errors run: a row longer than the header
  Report& table(const std::vector<std::string>& header,
                const std::vector<std::vector<std::string>>& rows, std::string_view caption = "");

  /// `alt` says what is in the picture to those who cannot see it.
  /// errors run: bytes that are no PNG; no alt text
  Report& figure(std::span<const std::byte> png, std::string_view alt,
                 std::string_view caption = "");

  /// An SVG, taken as it is, with a title that says what is in it.
  /// errors run: text that is not one svg element with a title; a script in it
  Report& drawing(std::string_view svg, std::string_view caption = "");

  /// Text in a fixed-width font, lines as they are.
  Report& preformatted(std::string_view text);

  /// The whole page.
  std::string html() const;

  /// Replaces the file in one step.
  void save(const std::filesystem::path& path) const { write_file_atomically(path, html()); }

 private:
  Report& add_figure(std::string_view picture, std::string_view caption);

  std::string title_;
  std::string body_;
};

namespace detail {

/// ref    RFC 4648, section 4
inline std::string base64(std::span<const std::byte> bytes) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;  // three bytes, missing ones as zeros
    for (std::size_t k = 0; k < 3; ++k)
      group =
          group << 8U | (i + k < bytes.size() ? std::to_integer<std::uint32_t>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      text += i + k > bytes.size() ? '=' : alphabet[group >> (18 - 6 * k) & 63U];
  }
  return text;
}

struct PngSize {
  std::uint32_t width, height;
};

/// From the header, so that the page does not jump while pictures are decoded.
inline PngSize png_size(std::span<const std::byte> png) {
  constexpr std::array<unsigned char, 8> signature{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  constexpr std::size_t width_at = 16, height_at = 20, header_end = 24;
  bool valid = png.size() >= header_end;
  for (std::size_t i = 0; valid && i < signature.size(); ++i)
    valid = std::to_integer<unsigned char>(png[i]) == signature[i];
  if (!valid)
    throw std::invalid_argument("a report's figure must be a PNG, got " +
                                std::to_string(png.size()) + " bytes of something else");
  const auto number = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
      value = value << 8U | std::to_integer<std::uint32_t>(png[at + i]);
    return value;
  };
  return {number(width_at), number(height_at)};
}

/// Digits with what belongs to numbers around them: 12, -0.5, 1e-3, 12,345, 3.5 %, (1, 28, 28) is
/// none.
inline bool looks_numeric(std::string_view cell) {
  return cell == "nan" || cell == "inf" ||
         (cell.find_first_of("0123456789") != cell.npos &&
          cell.find_first_not_of("0123456789+-.,eE% ") == cell.npos &&
          cell.find_first_of("eE") != 0);
}

}  // namespace detail

inline Report::Report(std::string_view title, std::string_view subtitle)
    : title_(detail::escape_markup(title)) {
  body_ = "<header>\n<h1>" + title_ + "</h1>\n";
  if (!subtitle.empty())
    body_ += "<p class=\"subtitle\">" + detail::escape_markup(subtitle) + "</p>\n";
  body_ += "</header>\n";
}

inline Report& Report::section(std::string_view heading) {
  body_ += "<h2>" + detail::escape_markup(heading) + "</h2>\n";
  return *this;
}

inline Report& Report::paragraph(std::string_view text) {
  body_ += "<p>" + detail::escape_markup(text) + "</p>\n";
  return *this;
}

inline Report& Report::list(const std::vector<std::string>& items) {
  body_ += "<ul>\n";
  for (const auto& item : items)
    body_ += "<li>" + detail::escape_markup(item) + "</li>\n";
  body_ += "</ul>\n";
  return *this;
}

inline Report& Report::note(std::string_view text) {
  body_ += "<p class=\"note\">" + detail::escape_markup(text) + "</p>\n";
  return *this;
}

inline Report& Report::table(const std::vector<std::string>& header,
                             const std::vector<std::vector<std::string>>& rows,
                             std::string_view caption) {
  constexpr std::size_t many = 8;
  std::string table = "<div class=\"table\"><table";
  table += header.size() > many ? " class=\"close\">\n" : ">\n";
  if (!caption.empty()) table += "<caption>" + detail::escape_markup(caption) + "</caption>\n";
  // A column of numbers has its heading on the right too.
  std::vector<bool> numeric(header.size(), !rows.empty());
  for (const auto& row : rows) {
    if (row.size() > header.size())
      throw std::invalid_argument("a table with " + std::to_string(header.size()) +
                                  " columns got a row of " + std::to_string(row.size()) + " cells");
    for (std::size_t i = 0; i < row.size(); ++i)
      numeric[i] = numeric[i] && (row[i].empty() || detail::looks_numeric(row[i]));
  }
  const auto add_row = [&](const std::vector<std::string>& cells, std::string_view tag) {
    table += "<tr>";
    for (std::size_t i = 0; i < header.size(); ++i) {
      (table += '<') += tag;
      if (tag == "th") table += " scope=\"col\"";
      table += numeric[i] ? " class=\"number\">" : ">";
      if (i < cells.size()) table += detail::escape_markup(cells[i]);
      ((table += "</") += tag) += '>';
    }
    table += "</tr>\n";
  };
  table += "<thead>";
  add_row(header, "th");
  table += "</thead>\n<tbody>\n";
  for (const auto& row : rows)
    add_row(row, "td");
  body_ += table + "</tbody>\n</table></div>\n";
  return *this;
}

inline Report& Report::figure(std::span<const std::byte> png, std::string_view alt,
                              std::string_view caption) {
  if (alt.empty())
    throw std::invalid_argument("a report's figure needs an alt text: say what is in the picture");
  const auto [width, height] = detail::png_size(png);
  return add_figure("<img src=\"data:image/png;base64," + detail::base64(png) + "\" alt=\"" +
                        detail::escape_markup(alt) + "\" width=\"" + std::to_string(width) +
                        "\" height=\"" + std::to_string(height) + "\">",
                    caption);
}

inline Report& Report::drawing(std::string_view svg, std::string_view caption) {
  const std::string_view end = "</svg>";
  const bool one_element =
      svg.starts_with("<svg ") && svg.find(end) == svg.rfind(end) && svg.find(end) != svg.npos;
  if (!one_element || svg.find("<title>") == svg.npos || svg.find("<script") != svg.npos)
    throw std::invalid_argument("a report's drawing must be one svg element with a title");
  return add_figure(svg.substr(0, svg.find(end) + end.size()), caption);
}

inline Report& Report::add_figure(std::string_view picture, std::string_view caption) {
  ((body_ += "<figure>\n<div class=\"picture\">") += picture) += "</div>\n";
  if (!caption.empty())
    body_ += "<figcaption>" + detail::escape_markup(caption) + "</figcaption>\n";
  body_ += "</figure>\n";
  return *this;
}

inline Report& Report::preformatted(std::string_view text) {
  body_ += "<pre>" + detail::escape_markup(text) + "</pre>\n";
  return *this;
}

inline std::string Report::html() const {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n<title>" +
         title_ + "</title>\n<style>\n" + std::string{detail::report_style} +
         "</style>\n</head>\n<body>\n<main>\n" + body_ + "</main>\n</body>\n</html>\n";
}

}  // namespace lamina::inline LAMINA_ISA::plot
