// SPDX-License-Identifier: MIT
#pragma once
// Classification: N images, K classes, logits (N, K), and a label below K for each image.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/core/replica.hpp"
#include "lamina/core/static_value.hpp"
#include "lamina/core/tensor.hpp"
#include "lamina/losses/losses.hpp"
#include "lamina/model/diagnosis.hpp"

namespace lamina::inline LAMINA_ISA {

/// d loss / d logits. Valid as long as the logits and the labels are.
template <class S, class B>
class CrossEntropyGradient {
 public:
  using shape_type = S;

  CrossEntropyGradient(TensorRef<S, B> logits, const std::uint8_t* labels, float scale)
      : logits_(logits), labels_(labels), scale_(scale) {}

  std::size_t size() const { return logits_.size(); }
  void write_to(float* gradient) const {
    B::cross_entropy_gradient(logits_.size(), static_value<S::size>, logits_.data(), labels_,
                              scale_, gradient);
  }

 private:
  TensorRef<S, B> logits_;
  const std::uint8_t* labels_;
  float scale_;
};

namespace impl {

inline void require_labels(std::size_t images, std::size_t classes,
                           std::span<const std::uint8_t> labels) {
  require(labels.size() == images, "got ", labels.size(), " labels and logits of ", images,
          " images; there is one label for each image");
  const auto wrong =
      std::ranges::find_if(labels, [=](std::uint8_t label) { return label >= classes; });
  require(wrong == labels.end(), "label number ", wrong - labels.begin(), " is ",
          wrong == labels.end() ? 0 : int{*wrong}, ", and with ", classes,
          " logits for each image labels are below ", classes);
}

}  // namespace impl

/// -log softmax(logits)[label], in nats, their mean or sum over the images
/// (torch.nn.functional.cross_entropy).
/// errors compile: logits that are images; run: not one label for each image, a label that is not
///        below the number of logits
template <class S, class B>
auto cross_entropy(const TensorRef<S, B>& logits, std::span<const std::uint8_t> labels,
                   Reduction reduction = Reduction::mean) {
  if constexpr (detail::check_logits<S>()) {
    const std::size_t images = logits.size();
    impl::require_labels(images, S::size, labels);
    const Shard& shard = logits.shard();
    const double scale =
        reduction == Reduction::mean ? 1.0 / static_cast<double>(shard.total) : 1.0;
    const double sum = shard.sum(
        B::cross_entropy_sum(images, static_value<S::size>, logits.data(), labels.data()));
    using Gradient = CrossEntropyGradient<S, B>;
    return Loss<Gradient>{sum * scale, Gradient{logits, labels.data(), static_cast<float>(scale)}};
  } else {
    return Loss<TensorRef<S, B>>{};
  }
}

/// The share of images whose largest logit is the label's, the first where several are equal; an
/// image with a logit that is not a number counts as wrong.
/// errors as cross_entropy's
template <class S, class B>
double accuracy(const TensorRef<S, B>& logits, std::span<const std::uint8_t> labels) {
  if constexpr (detail::check_logits<S>()) {
    impl::require_labels(logits.size(), S::size, labels);
    const double right = logits.shard().sum(
        B::count_right(logits.size(), static_value<S::size>, logits.data(), labels.data()));
    return right / static_cast<double>(logits.shard().total);
  } else {
    return 0.0;
  }
}

}  // namespace lamina::inline LAMINA_ISA
