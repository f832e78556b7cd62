// SPDX-License-Identifier: MIT
#pragma once
// Pictures of what networks make, as PNGs. CImg, which takes seconds to compile, is behind it.

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "lamina/core/shape.hpp"
#include "lamina/core/tensor.hpp"
#include "lamina/data/batches.hpp"
#include "lamina/plot/chart.hpp"

namespace examples {

/// A file's bytes.
using Png = std::vector<std::byte>;

/// A batch of images with one channel, of whatever size.
struct GreyImages {
  std::size_t count;
  int height;
  int width;
  std::span<const float> values;

  template <lamina::AnyShape Image>
    requires(Image::rank == 3 && Image::dims[0] == 1)
  GreyImages(const lamina::TensorRef<Image>& images)
      : count{images.size()},
        height{Image::dims[1]},
        width{Image::dims[2]},
        values{images.span()} {}

  std::span<const float> image(std::size_t n) const {
    const std::size_t size = values.size() / count;
    return values.subspan(n * size, size);
  }
};

/// All images in rows of `columns`, each pixel as a square of scale x scale.
Png draw_grid(const GreyImages& images, lamina::PixelRange range, int columns,
              const std::string& title, int scale = 3);

/// A row for each image and a column, with a label, for each batch.
Png draw_columns(const std::vector<GreyImages>& batches, const std::vector<std::string>& labels,
                 lamina::PixelRange range, const std::string& title);

Png draw_chart(const std::vector<lamina::plot::Series>& series,
               const lamina::plot::ChartOptions& options);

/// A bar for each value, numbered from 0.
Png draw_bars(const std::vector<double>& values, const lamina::plot::ChartOptions& options);

/// One after the other, each for some milliseconds.
Png animate(const std::vector<std::filesystem::path>& pictures, int milliseconds);

Png read_png(const std::filesystem::path& file);
void write_png(const std::filesystem::path& file, const Png& png);

}  // namespace examples
