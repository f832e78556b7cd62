// SPDX-License-Identifier: MIT
#pragma once
// Labelled images in memory, a byte a channel, as their files have them: (N, C, H, W). The image
// shape is part of the type, so that a data set that does not fit a model does not compile.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

/// Image is Shape<C, H, W>.
template <class Image>
struct Dataset {
  using image_type = Image;

  std::vector<std::uint8_t> pixels;  ///< (N, C, H, W)
  std::vector<std::uint8_t> labels;  ///< (N)

  std::size_t size() const { return labels.size(); }

  /// The pixels (C, H, W) of image i.
  std::span<const std::uint8_t> image(std::size_t i) const {
    return std::span{pixels}.subspan(i * Image::size, Image::size);
  }

  /// A copy of the images at these positions, in this order; std::invalid_argument for one that is
  /// not there.
  Dataset subset(std::span<const std::size_t> positions) const {
    Dataset result;
    result.pixels.reserve(positions.size() * Image::size);
    result.labels.reserve(positions.size());
    for (const std::size_t i : positions) {
      require(i < size(), "Dataset::subset: expected positions below ", size(), ", got ", i,
              "; leave it out");
      const auto source = image(i);
      result.pixels.insert(result.pixels.end(), source.begin(), source.end());
      result.labels.push_back(labels[i]);
    }
    return result;
  }

  /// A copy of the first n images, or of all of them where there are fewer.
  Dataset first(std::size_t n) const {
    const std::size_t count = (std::min)(n, size());
    const auto source = std::span{pixels}.first(count * Image::size);
    const auto classes = std::span{labels}.first(count);
    return {{source.begin(), source.end()}, {classes.begin(), classes.end()}};
  }
};

}  // namespace lamina::inline LAMINA_ISA
