// SPDX-License-Identifier: MIT
#pragma once
// The GANs that this program trains, by name, and images of the size that each takes.

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>

#include "lamina/data/dataset.hpp"
#include "lamina/generative/gan.hpp"
#include "lamina/plot/cimg.hpp"

#include "common/classifier.hpp"
#include "common/networks/dcgan.hpp"

namespace examples {

template <DcganKind Kind>
using GanOf = lamina::Gan<typename Kind::Generator, typename Kind::Discriminator,
                          typename Kind::Latent, typename Kind::Image>;

/// Calls visit.template operator()<Kind>() for a model ("28" or "64") and width.
template <class Visit>
auto with_gan(const std::string& model, int width, Visit&& visit) {
  if (model == "64") return visit.template operator()<GreyDcgan64>();
  if (width == 64) return visit.template operator()<Dcgan28Of<64>>();
  if (width == 128) return visit.template operator()<Dcgan28Of<128>>();
  throw std::runtime_error("there is no DCGAN-28 of width " + std::to_string(width) +
                           "; choose 64 or 128");
}

/// Grey images resized without smoothing artefacts (CImg's linear interpolation upwards, averages
/// downwards).
template <class From, class To>
lamina::Dataset<To> resized(const lamina::Dataset<From>& images) {
  static_assert(From::rank == 3 && To::rank == 3 && From::dims[0] == 1 && To::dims[0] == 1);
  lamina::Dataset<To> result;
  result.labels = images.labels;
  result.pixels.reserve(images.size() * To::size);
  constexpr int linear = 3;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const cimg_library::CImg<unsigned char> image(images.image(i).data(), From::dims[2],
                                                  From::dims[1]);
    const auto large = image.get_resize(To::dims[2], To::dims[1], 1, 1, linear);
    result.pixels.insert(result.pixels.end(), large.begin(), large.end());
  }
  return result;
}

/// The images as the classifier takes them: pixels from [-1, 1] to [0, 1], averaged down where they are
/// larger. The tensor is used again for every batch.
template <class Image>
class AsClassified {
 public:
  lamina::TensorRef<Classifier::Image> operator()(const lamina::TensorRef<Image>& images) {
    constexpr int average = 2;
    constexpr auto to = Classifier::Image::dims;
    result_.resize(images.size());
    for (std::size_t n = 0; n < images.size(); ++n) {
      cimg_library::CImg<float> image(images.data() + n * Image::size, Image::dims[2],
                                      Image::dims[1]);
      if constexpr (Image::size != Classifier::Image::size)
        image.resize(to[2], to[1], 1, 1, average);
      for (std::size_t i = 0; i < Classifier::Image::size; ++i)
        result_.data()[n * Classifier::Image::size + i] = 0.5F * image[i] + 0.5F;
    }
    return result_;
  }

 private:
  lamina::Tensor<Classifier::Image> result_;
};

}  // namespace examples
