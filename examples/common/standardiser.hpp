// SPDX-License-Identifier: MIT
#pragma once
// The classifier's view of images.

#include <cstddef>

#include "lamina/core/static_value.hpp"
#include "lamina/core/tensor.hpp"

#include "common/networks/classifier.hpp"

namespace examples {

/// A batch of pixels in [0, 1], standardised; the tensor is used again for every batch.
template <class B>
class Standardiser {
 public:
  using Image = Classifier::Image;

  lamina::TensorRef<Image, B> operator()(const lamina::TensorRef<Image, B>& images) {
    const std::size_t count = images.size();
    if (count > room_) make_room(count);
    standardised_.resize(images.shard());
    B::mix(count, lamina::static_value<Image::size>, scales_.data(), images.data(), shifts_.data(),
           ones_.data(), standardised_.data());
    return standardised_;
  }

 private:
  void make_room(std::size_t count) {
    for (lamina::Tensor<lamina::Shape<1>, B>* shares : {&scales_, &shifts_})
      shares->resize(count);
    ones_.resize(count);
    B::fill(count, 1.0F / pixel_deviation, scales_.data());
    B::fill(count, -pixel_mean / pixel_deviation, shifts_.data());
    B::fill(count * Image::size, 1.0F, ones_.data());
    room_ = count;
  }

  std::size_t room_ = 0;
  lamina::Tensor<lamina::Shape<1>, B> scales_, shifts_;
  lamina::Tensor<Image, B> ones_, standardised_;
};

}  // namespace examples
