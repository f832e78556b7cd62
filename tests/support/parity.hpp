// SPDX-License-Identifier: MIT
#pragma once
// The images of the parity fixtures: the fixture stores indices into the Fashion-MNIST subset that
// ships with the examples, this turns them into batches. The build defines LAMINA_TEST_DATA.

#include <cstddef>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "lamina/data/fashion_mnist.hpp"

#include "support/fixture.hpp"

namespace support {

inline constexpr std::size_t parity_batch_size = 128;
inline constexpr std::size_t parity_image_size = 28 * 28;

class ParityBatches {
 public:
  /// Throws where the subset is not the one that the fixture was made with.
  explicit ParityBatches(const Fixture& fixture)
      : data_(lamina::datasets::fashion_mnist(std::filesystem::path(LAMINA_TEST_DATA) /
                                              "fashion-mnist-subset")),
        indices_(fixture.values("batches")) {
    const std::vector<double> sums = fixture.values("image_sums");
    for (std::size_t i = 0; i < sums.size(); ++i) {
      double sum = 0.0;
      for (std::size_t p = 0; p < parity_image_size; ++p)
        sum += pixel(i, p);
      if (sum != sums[i]) {
        throw std::runtime_error("image " + std::to_string(i) +
                                 " of the subset is not the one that tests/fixtures was made with; "
                                 "make the fixtures anew with tests/fixtures/make_parity.py");
      }
    }
  }

  /// Batch `step` (0 to 49): 128 images (N, 1, 28, 28), pixels / 255 rounded to float.
  std::vector<float> batch(std::size_t step) const {
    std::vector<float> images;
    images.reserve(parity_batch_size * parity_image_size);
    for (std::size_t n = 0; n < parity_batch_size; ++n) {
      const auto index = static_cast<std::size_t>(indices_.at(step * parity_batch_size + n));
      for (std::size_t p = 0; p < parity_image_size; ++p)
        images.push_back(pixel(index, p) / 255.0f);
    }
    return images;
  }

 private:
  float pixel(std::size_t image, std::size_t p) const {
    return static_cast<float>(data_.train.pixels.at(image * parity_image_size + p));
  }

  lamina::datasets::FashionMnist data_;
  std::vector<double> indices_;
};

}  // namespace support
