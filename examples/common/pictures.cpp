// SPDX-License-Identifier: MIT
#include "common/pictures.hpp"

#include <cstdint>
#include <utility>

#include "lamina/io/atomic_file.hpp"
#include "lamina/plot/apng.hpp"
#include "lamina/plot/bars.hpp"
#include "lamina/plot/curves.hpp"
#include "lamina/plot/mosaic.hpp"
#include "lamina/plot/png.hpp"

namespace examples {
namespace {

lamina::plot::Picture picture_of(const GreyImages& images, std::size_t n,
                                 lamina::PixelRange range) {
  const float black = range == lamina::PixelRange::symmetric ? -1.0F : 0.0F;
  return lamina::plot::picture_of(images.image(n), 1, images.height, images.width,
                                  {.black = black, .white = 1.0F});
}

}  // namespace

Png draw_grid(const GreyImages& images, lamina::PixelRange range, int columns,
              const std::string& title, int scale) {
  std::vector<lamina::plot::Picture> pictures;
  for (std::size_t n = 0; n < images.count; ++n)
    pictures.push_back(picture_of(images, n, range));
  return lamina::plot::encode_png(lamina::plot::grid(pictures, columns, title, {.scale = scale}));
}

Png draw_columns(const std::vector<GreyImages>& batches, const std::vector<std::string>& labels,
                 lamina::PixelRange range, const std::string& title) {
  lamina::plot::Mosaic mosaic(title);
  mosaic.column_labels(labels);
  for (std::size_t n = 0; n < batches.front().count; ++n) {
    std::vector<lamina::plot::Picture> row;
    for (const GreyImages& images : batches)
      row.push_back(picture_of(images, n, range));
    mosaic.row(std::move(row));
  }
  return lamina::plot::encode_png(mosaic.draw());
}

Png draw_chart(const std::vector<lamina::plot::Series>& series,
               const lamina::plot::ChartOptions& options) {
  return lamina::plot::encode_png(lamina::plot::line_chart(series, options));
}

Png draw_bars(const std::vector<double>& values, const lamina::plot::ChartOptions& options) {
  return lamina::plot::encode_png(lamina::plot::bar_chart(values, {}, options));
}

Png animate(const std::vector<std::filesystem::path>& pictures, int milliseconds) {
  std::vector<lamina::plot::Picture> frames;
  for (const auto& picture : pictures)
    frames.push_back(lamina::plot::load_png(picture));
  return lamina::plot::encode_apng(frames, static_cast<std::uint16_t>(milliseconds));
}

Png read_png(const std::filesystem::path& file) {
  return lamina::plot::encode_png(lamina::plot::load_png(file));
}

void write_png(const std::filesystem::path& file, const Png& png) {
  lamina::write_file_atomically(file, std::span{png});
}

}  // namespace examples
