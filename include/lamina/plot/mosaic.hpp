// SPDX-License-Identifier: MIT
#pragma once
// Images of a network side by side: enlarged without smoothing, with labels for rows and columns
// and captions. Letters: N images, C channels (1 grey or 3 RGB), H height, W width.

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "lamina/core/isa.hpp"
#include "lamina/plot/image.hpp"

namespace lamina::inline LAMINA_ISA::plot {

/// The values that are shown as black and white; what lies beyond is clipped.
struct ValueRange {
  float black = 0, white = 1;
};

/// Anything indexed (n, c, h, w) that knows its shape, such as an xtensor array or a tensor's
/// `array()`.
template <class Array>
concept ImageArray = requires(const Array& array, std::size_t i) {
  { array(i, i, i, i) } -> std::convertible_to<float>;
  { array.shape()[3] } -> std::convertible_to<std::size_t>;
};

/// One image from its C*H*W values in the order (C, H, W).
Picture picture_of(std::span<const float> values, int channels, int height, int width,
                   ValueRange range = {});

/// Image n of a batch.
template <ImageArray Array>
Picture picture_of(const Array& images, std::size_t n, ValueRange range = {});

/// Every image of a batch.
template <ImageArray Array>
std::vector<Picture> pictures_of(const Array& images, ValueRange range = {});

struct MosaicStyle {
  int scale = 3;  // pixels per pixel of an image
  int gap = 4;
  int margin = 12;
  int text_size = 14;
  int title_size = 20;
};

/// Rows of images, drawn with columns as wide as their widest image or text.
class Mosaic {
 public:
  explicit Mosaic(std::string title = "", MosaicStyle style = {})
      : title_(std::move(title)), style_(style) {}

  /// Texts above the columns.
  void column_labels(std::vector<std::string> labels) { column_labels_ = std::move(labels); }

  /// A row of images, a text to its left, and texts below the images ("\n" starts a new line).
  void row(std::vector<Picture> images, std::string label = "",
           std::vector<std::string> captions = {}) {
    rows_.push_back({std::move(images), std::move(label), std::move(captions),
                     std::exchange(space_before_, 0)});
  }

  /// A little distance between groups of rows.
  void space() { space_before_ = 3 * style_.gap + 4; }

  Picture draw() const;

 private:
  struct Row {
    std::vector<Picture> images;
    std::string label;
    std::vector<std::string> captions;
    int space_before = 0;
  };

  static int image_height(const Row& row) {
    int height = 0;
    for (const auto& image : row.images)
      height = (std::max)(height, image.height());
    return height;
  }
  int caption_height(const Row& row) const {
    int height = 0;
    for (const auto& caption : row.captions)
      height = (std::max)(height, text_extent(caption, style_.text_size).height);
    return height == 0 ? 0 : height + 4;
  }
  std::vector<int> column_widths() const;

  std::string title_;
  MosaicStyle style_;
  std::vector<std::string> column_labels_;
  std::vector<Row> rows_;
  int space_before_ = 0;
};

/// All images in rows of `columns`, without texts but the title.
inline Picture grid(const std::vector<Picture>& images, int columns, std::string title = "",
                    MosaicStyle style = {}) {
  Mosaic mosaic{std::move(title), style};
  const auto step = static_cast<std::ptrdiff_t>((std::max)(columns, 1));
  for (auto from = images.begin(); from != images.end();) {
    const auto to = from + (std::min)(step, images.end() - from);
    mosaic.row({from, to});
    from = to;
  }
  return mosaic.draw();
}

namespace detail {

/// Black to white; a value that is not a number is shown in a colour that no grey image has.
inline Color shade(float value, ValueRange range) {
  const float share = std::clamp((value - range.black) / (range.white - range.black), 0.0F, 1.0F);
  if (std::isnan(share)) return colors::alarm;
  const auto level = static_cast<std::uint8_t>(std::lround(share * 255));
  return {level, level, level};
}

inline Color shade(float red, float green, float blue, ValueRange range) {
  if (std::isnan(red) || std::isnan(green) || std::isnan(blue)) return colors::alarm;
  return {shade(red, range).red, shade(green, range).red, shade(blue, range).red};
}

/// `value(c, y, x)` for each pixel.
template <class Value>
Picture picture_from(int channels, int height, int width, ValueRange range, Value&& value) {
  if (channels != 1 && channels != 3)
    throw std::invalid_argument("a picture needs 1 channel (grey) or 3 (RGB), got " +
                                std::to_string(channels));
  Picture picture{width, height};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      picture.set(x, y,
                  channels == 1 ? shade(value(0, y, x), range)
                                : shade(value(0, y, x), value(1, y, x), value(2, y, x), range));
  return picture;
}

}  // namespace detail

inline Picture picture_of(std::span<const float> values, int channels, int height, int width,
                          ValueRange range) {
  const auto plane = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  if (values.size() != plane * static_cast<std::size_t>(channels))
    throw std::invalid_argument("a picture of " + std::to_string(channels) + " x " +
                                std::to_string(height) + " x " + std::to_string(width) +
                                " needs as many values, got " + std::to_string(values.size()));
  return detail::picture_from(channels, height, width, range, [&](int c, int y, int x) {
    return values[static_cast<std::size_t>(c) * plane +
                  static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                  static_cast<std::size_t>(x)];
  });
}

template <ImageArray Array>
Picture picture_of(const Array& images, std::size_t n, ValueRange range) {
  const auto dim = [&](std::size_t i) { return static_cast<int>(images.shape()[i]); };
  return detail::picture_from(dim(1), dim(2), dim(3), range, [&](int c, int y, int x) {
    return static_cast<float>(images(n, static_cast<std::size_t>(c), static_cast<std::size_t>(y),
                                     static_cast<std::size_t>(x)));
  });
}

template <ImageArray Array>
std::vector<Picture> pictures_of(const Array& images, ValueRange range) {
  std::vector<Picture> pictures;
  for (std::size_t n = 0; n < static_cast<std::size_t>(images.shape()[0]); ++n)
    pictures.push_back(picture_of(images, n, range));
  return pictures;
}

inline std::vector<int> Mosaic::column_widths() const {
  std::vector<int> widths;
  const auto widen = [&](std::size_t column, int width) {
    if (column >= widths.size()) widths.resize(column + 1, 0);
    widths[column] = (std::max)(widths[column], width);
  };
  const auto text_width = [&](const std::string& text) {
    return text.empty() ? 0 : text_extent(text, style_.text_size).width + 6;
  };
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.images.size(); ++i)
      widen(i, row.images[i].width() * style_.scale);
    for (std::size_t i = 0; i < row.captions.size(); ++i)
      widen(i, text_width(row.captions[i]));
  }
  for (std::size_t i = 0; i < column_labels_.size(); ++i)
    widen(i, text_width(column_labels_[i]));
  return widths;
}

inline Picture Mosaic::draw() const {
  const auto widths = column_widths();
  int label_width = 0;
  for (const auto& row : rows_)
    label_width = (std::max)(label_width, text_extent(row.label, style_.text_size).width);
  if (label_width > 0) label_width += 10;

  int width = 2 * style_.margin + label_width +
              style_.gap * (std::max)(static_cast<int>(widths.size()) - 1, 0);
  for (const int column : widths)
    width += column;
  const auto title = text_extent(title_, style_.title_size);
  width = (std::max)(width, title.width + 2 * style_.margin);

  const int title_height = title_.empty() ? 0 : title.height + 8;
  const int header_height = column_labels_.empty() ? 0 : style_.text_size + 5;
  int height = 2 * style_.margin + title_height + header_height;
  for (const auto& row : rows_)
    height += row.space_before + image_height(row) * style_.scale + caption_height(row);
  height += style_.gap * (std::max)(static_cast<int>(rows_.size()) - 1, 0);

  Picture picture{width, height};
  double y = style_.margin;
  picture.text({double(style_.margin), y}, title_, {.size = style_.title_size});
  y += title_height;

  const TextStyle centred{
      .size = style_.text_size, .color = colors::faded, .horizontal = Anchor::middle};
  const auto each_column = [&](std::size_t count, auto&& action) {  // action(column, its centre)
    double x = style_.margin + label_width;
    for (std::size_t i = 0; i < count; ++i) {
      action(i, x + widths[i] / 2.0);
      x += widths[i] + style_.gap;
    }
  };
  each_column(column_labels_.size(),
              [&](std::size_t i, double x) { picture.text({x, y}, column_labels_[i], centred); });
  y += header_height;

  for (const auto& row : rows_) {
    y += row.space_before;
    const int images_height = image_height(row) * style_.scale;
    picture.text({double(style_.margin + label_width - 10), y + images_height / 2.0}, row.label,
                 {.size = style_.text_size, .horizontal = Anchor::end, .vertical = Anchor::middle});
    each_column(row.images.size(), [&](std::size_t i, double x) {
      const auto large = row.images[i].enlarged(style_.scale);
      picture.paste(large, static_cast<int>(x - large.width() / 2.0), static_cast<int>(y));
    });
    each_column(row.captions.size(), [&](std::size_t i, double x) {
      picture.text({x, y + images_height + 2}, row.captions[i], centred);
    });
    y += images_height + caption_height(row) + style_.gap;
  }
  return picture;
}

}  // namespace lamina::inline LAMINA_ISA::plot
