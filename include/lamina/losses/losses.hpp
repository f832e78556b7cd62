// SPDX-License-Identifier: MIT
#pragma once
// Losses between two batches of one shape. A loss returns its value and its gradient; the gradient is
// a recipe that backward writes where it needs it, so that nothing is allocated.

#include <concepts>
#include <cstddef>
#include <utility>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/core/replica.hpp"
#include "lamina/core/tensor.hpp"
#include "lamina/losses/functions.hpp"
#include "lamina/model/diagnosis.hpp"

namespace lamina::inline LAMINA_ISA {

/// How the loss of all values becomes one number: their mean or their sum (torch.nn's `reduction`). Where replicas
/// share a batch, the values are those of the whole batch.
enum class Reduction { mean, sum };

/// d loss / d prediction. Valid as long as both batches are.
template <class Function, class S, class B>
class LossGradient {
 public:
  using shape_type = S;

  LossGradient(TensorRef<S, B> prediction, TensorRef<S, B> target, float scale)
      : prediction_(prediction), target_(target), scale_(scale) {}

  std::size_t size() const { return prediction_.size(); }
  void write_to(float* gradient) const {
    B::template loss_gradient<Function>(prediction_.size() * S::size, prediction_.data(),
                                        target_.data(), scale_, gradient);
  }

 private:
  TensorRef<S, B> prediction_;
  TensorRef<S, B> target_;
  float scale_;
};

/// The same for targets that lay in the memory of another backend, of which it keeps a copy.
template <class Function, class S, class B>
class CopiedTargetGradient {
 public:
  using shape_type = S;

  CopiedTargetGradient(TensorRef<S, B> prediction, Tensor<S, B> target, float scale)
      : prediction_(prediction), target_(std::move(target)), scale_(scale) {}

  std::size_t size() const { return prediction_.size(); }
  void write_to(float* gradient) const {
    LossGradient<Function, S, B>{prediction_, target_, scale_}.write_to(gradient);
  }

 private:
  TensorRef<S, B> prediction_;
  Tensor<S, B> target_;
  float scale_;
};

/// A loss and its gradient: `const auto [loss, gradient] = mse_loss(output, target);`
template <class Gradient>
struct Loss {
  double value;
  Gradient gradient;
};

namespace impl {

template <class Function, class S, class T, class B, class Other>
auto elementwise_loss(const TensorRef<S, B>& prediction, const TensorRef<T, Other>& target,
                      Reduction reduction) {
  if constexpr (detail::check_target<T, S>()) {
    require(prediction.size() == target.size(), "a loss compares batches of one size, got ",
            prediction.size(), " predictions and ", target.size(), " targets");
    const std::size_t count = prediction.size() * S::size;
    const Shard& shard = prediction.shard();
    const double scale =
        reduction == Reduction::mean ? 1.0 / static_cast<double>(shard.total * S::size) : 1.0;
    const auto factor = static_cast<float>(scale);
    if constexpr (std::same_as<B, Other>) {
      const double sum =
          shard.sum(B::template loss_sum<Function>(count, prediction.data(), target.data()));
      using Gradient = LossGradient<Function, S, B>;
      return Loss<Gradient>{sum * scale, Gradient{prediction, target, factor}};
    } else {
      Tensor<S, B> copy{target};
      const double sum =
          shard.sum(B::template loss_sum<Function>(count, prediction.data(), copy.data()));
      using Gradient = CopiedTargetGradient<Function, S, B>;
      return Loss<Gradient>{sum * scale, Gradient{prediction, std::move(copy), factor}};
    }
  } else {
    return Loss<TensorRef<S, B>>{};
  }
}

}  // namespace impl

/// (x - t)^2 (torch.nn.functional.mse_loss).
/// errors compile: two shapes; run: two batch sizes
template <class S, class T, class B, class Other>
auto mse_loss(const TensorRef<S, B>& prediction, const TensorRef<T, Other>& target,
              Reduction reduction = Reduction::mean) {
  return impl::elementwise_loss<SquaredError>(prediction, target, reduction);
}

/// Binary cross entropy of probabilities, in nats (torch.nn.functional.binary_cross_entropy).
/// errors compile: two shapes; run: two batch sizes
template <class S, class T, class B, class Other>
auto binary_cross_entropy(const TensorRef<S, B>& probability, const TensorRef<T, Other>& target,
                          Reduction reduction = Reduction::mean) {
  return impl::elementwise_loss<CrossEntropyOfProbability>(probability, target, reduction);
}

/// Binary cross entropy of logits, in nats
/// (torch.nn.functional.binary_cross_entropy_with_logits).
/// errors compile: two shapes; run: two batch sizes
template <class S, class T, class B, class Other>
auto binary_cross_entropy_with_logits(const TensorRef<S, B>& logit,
                                      const TensorRef<T, Other>& target,
                                      Reduction reduction = Reduction::mean) {
  return impl::elementwise_loss<CrossEntropyOfLogit>(logit, target, reduction);
}

}  // namespace lamina::inline LAMINA_ISA
