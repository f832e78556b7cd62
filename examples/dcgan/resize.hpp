// SPDX-License-Identifier: MIT
#pragma once
// Grey images of another size. CImg, which takes seconds to compile, is behind it.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "lamina/core/tensor.hpp"
#include "lamina/data/dataset.hpp"

namespace examples {

struct Size {
  int height;
  int width;
};

/// An image resized without smoothing artefacts (CImg's linear interpolation upwards, averages downwards).
std::vector<std::uint8_t> resized(std::span<const std::uint8_t> image, Size from, Size to);

/// An image whose pixels are means of the larger one's, written to `result`.
void average_down(std::span<const float> image, Size from, Size to, float* result);

template <class Image>
constexpr Size size_of() {
  static_assert(Image::rank == 3 && Image::dims[0] == 1);
  return {Image::dims[1], Image::dims[2]};
}

/// A data set of grey images in another size.
template <class To, class From>
lamina::Dataset<To> resized(const lamina::Dataset<From>& images) {
  lamina::Dataset<To> result;
  result.labels = images.labels;
  result.pixels.reserve(images.size() * To::size);
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto image = resized(images.image(i), size_of<From>(), size_of<To>());
    result.pixels.insert(result.pixels.end(), image.begin(), image.end());
  }
  return result;
}

/// Generated images as the classifier takes them: pixels from [-1, 1] to [0, 1], averaged down where they
/// are larger. The tensor is used again for every batch.
template <class From, class To>
class AsClassified {
 public:
  lamina::TensorRef<To> operator()(const lamina::TensorRef<From>& images) {
    result_.resize(images.size());
    for (std::size_t n = 0; n < images.size(); ++n) {
      float* const to = result_.data() + n * To::size;
      average_down(images.images(n, 1).span(), size_of<From>(), size_of<To>(), to);
      for (std::size_t i = 0; i < To::size; ++i)
        to[i] = 0.5F * to[i] + 0.5F;
    }
    return result_;
  }

 private:
  lamina::Tensor<To> result_;
};

}  // namespace examples
