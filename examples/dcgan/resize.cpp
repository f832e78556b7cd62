// SPDX-License-Identifier: MIT
#include "resize.hpp"

#include <algorithm>

#include "lamina/plot/cimg.hpp"

namespace examples {
namespace {

template <class Pixel>
cimg_library::CImg<Pixel> as_cimg(std::span<const Pixel> image, Size size) {
  return {image.data(), static_cast<unsigned>(size.width), static_cast<unsigned>(size.height)};
}

}  // namespace

std::vector<std::uint8_t> resized(std::span<const std::uint8_t> image, Size from, Size to) {
  constexpr int linear = 3;
  const auto result = as_cimg(image, from).get_resize(to.width, to.height, 1, 1, linear);
  return {result.begin(), result.end()};
}

void average_down(std::span<const float> image, Size from, Size to, float* result) {
  constexpr int average = 2;
  auto smaller = as_cimg(image, from);
  if (from.height != to.height || from.width != to.width)
    smaller.resize(to.width, to.height, 1, 1, average);
  std::copy(smaller.begin(), smaller.end(), result);
}

}  // namespace examples
