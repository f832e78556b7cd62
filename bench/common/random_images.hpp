// SPDX-License-Identifier: MIT
#pragma once
// Images of noise to run networks on.

#include <cstddef>

#include "lamina/lamina.hpp"

namespace bench {

/// Pixels in (0, 1].
template <class Image>
lamina::Tensor<Image> random_images(std::size_t count) {
  lamina::Tensor<Image> images(count);
  lamina::Cpu::normal(images.span().size(), lamina::Philox(lamina::Seed{1}, lamina::Stream::latent),
                      0, images.data());
  for (float& pixel : images.span())
    pixel = 1.0F / (1.0F + pixel * pixel);
  return images;
}

}  // namespace bench
