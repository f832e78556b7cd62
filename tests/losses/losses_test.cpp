// SPDX-License-Identifier: MIT
// mse_loss, binary_cross_entropy and binary_cross_entropy_with_logits: values and gradients against
// the double-precision reference, finite differences, and the ends of their range.

#include "reference/losses.hpp"

#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "reference/finite_difference.hpp"
#include "support/error_text.hpp"
#include "support/model_check.hpp"

namespace losses_test {

using namespace lamina;
using reference::Values;

using S = Shape<3, 5, 7>;

/// The loss functions as objects: the library's and the reference's of one name.
#define LAMINA_TEST_LOSS(name)                                                                  \
  struct name##_functions {                                                                     \
    template <class P, class T>                                                                 \
    static auto ours(const P& p, const T& t, Reduction r) {                                     \
      return lamina::name(p, t, r);                                                             \
    }                                                                                           \
    static reference::Loss expected(const Values& p, const Values& t, reference::Reduction r) { \
      return reference::name(p, t, r);                                                          \
    }                                                                                           \
  }
LAMINA_TEST_LOSS(mse_loss);
LAMINA_TEST_LOSS(binary_cross_entropy);
LAMINA_TEST_LOSS(binary_cross_entropy_with_logits);
#undef LAMINA_TEST_LOSS

/// Value and gradient of our loss over batches of `Image`.
template <class F, class Image>
std::pair<double, Values> run(const Values& prediction, const Values& target, Reduction reduction) {
  const auto p = support::batch_of<Image>(prediction);
  const auto t = support::batch_of<Image>(target);
  const auto [loss, gradient] = F::ours(p, t, reduction);
  EXPECT_EQ(gradient.size(), p.size());
  Tensor<Image> written(p.size());
  gradient.write_to(written.data());
  return {loss, support::values_of(written)};
}

/// Values in (0, 1) that float32 holds.
Values probabilities(std::size_t count, std::uint32_t seed) {
  Values values = support::random_values(count, seed);
  for (double& value : values)
    value = static_cast<float>(0.5 + 0.499 * value);
  return values;
}

/// Float32 has 6e-8 for each of a handful of operations; sums of floats are short, the rest is
/// double. A gradient is a difference of numbers up to 1 and compared on the scale of its largest
/// element.
constexpr double tolerance = 1e-6;

template <class F, class Image>
void expect_matches(const Values& prediction, const Values& target) {
  for (const bool mean : {true, false}) {
    const auto expected = F::expected(
        prediction, target, mean ? reference::Reduction::mean : reference::Reduction::sum);
    const auto [loss, gradient] =
        run<F, Image>(prediction, target, mean ? Reduction::mean : Reduction::sum);
    EXPECT_TRUE(support::near_relative("loss", Values{loss}, Values{expected.value}, tolerance));
    EXPECT_TRUE(support::near_relative("gradient", gradient, expected.gradient, tolerance));
  }
}

/// Our gradient against differences of the reference's value, which shares no formula with it.
template <class F>
void expect_matches_differences(Values prediction, const Values& target) {
  const Values gradient = run<F, S>(prediction, target, Reduction::mean).second;
  const Values numeric = reference::numeric_gradient(prediction, [&] {
    return F::expected(prediction, target, reference::Reduction::mean).value;
  });
  EXPECT_TRUE(support::near_relative("gradient by differences", gradient, numeric, 1e-5));
}

TEST(MseLoss, MatchesReference) {
  for (const std::size_t images : {1U, 3U, 40U}) {
    const std::size_t count = images * S::size;
    expect_matches<mse_loss_functions, S>(support::random_values(count, 1),
                                          support::random_values(count, 2));
  }
  expect_matches<mse_loss_functions, Shape<1>>({0.25}, {-0.5});
  expect_matches_differences<mse_loss_functions>(support::random_values(2 * S::size, 1),
                                                 support::random_values(2 * S::size, 2));
}

TEST(MseLoss, IsZeroForEqualBatches) {
  const Values values = support::random_values(2 * S::size, 1);
  const auto [loss, gradient] = run<mse_loss_functions, S>(values, values, Reduction::mean);
  EXPECT_EQ(loss, 0.0);
  EXPECT_EQ(gradient, Values(values.size(), 0.0));
}

TEST(MseLoss, KeepsItsDigitsOverManyValues) {
  // 0.1^2 summed in one float would be off in the third digit after 3 million terms.
  using Vector = Shape<1000>;
  const Tensor<Vector> zeros(3000);
  Tensor<Vector> tenths(3000);
  for (float& value : tenths.span())
    value = 0.1F;
  const double each = static_cast<double>(0.1F) * static_cast<double>(0.1F);
  EXPECT_NEAR(mse_loss(tenths, zeros, Reduction::sum).value, 3e6 * each, 3e6 * each * 1e-6);
}

TEST(BinaryCrossEntropy, MatchesReference) {
  for (const std::size_t images : {1U, 3U, 40U}) {
    const std::size_t count = images * S::size;
    expect_matches<binary_cross_entropy_functions, S>(probabilities(count, 1),
                                                      probabilities(count, 2));
  }
  expect_matches_differences<binary_cross_entropy_functions>(probabilities(2 * S::size, 1),
                                                             probabilities(2 * S::size, 2));
}

TEST(BinaryCrossEntropy, ClampsLogarithmsAsTorchAtZeroAndOne) {
  const Values prediction{0, 0, 1, 1, 0, 1, 0.5}, target{0, 1, 0, 1, 0.5, 0.5, 1};
  const auto expected = reference::binary_cross_entropy(prediction, target);
  const auto [loss, gradient] =
      run<binary_cross_entropy_functions, Shape<7>>(prediction, target, Reduction::mean);
  EXPECT_NEAR(loss, expected.value, 1e-4);
  EXPECT_TRUE(support::near_elementwise("gradient", gradient, expected.gradient, 1e-6, 1e-6));
  const auto of_zero = [](double t) {
    return run<binary_cross_entropy_functions, Shape<1>>({0.0}, {t}, Reduction::sum).first;
  };
  EXPECT_NEAR(of_zero(1.0), 100.0, 1e-4);
  EXPECT_EQ(of_zero(0.0), 0.0);
}

TEST(BinaryCrossEntropyWithLogits, MatchesReference) {
  for (const std::size_t images : {1U, 3U, 40U}) {
    const std::size_t count = images * S::size;
    Values logits = support::random_values(count, 1);
    for (double& logit : logits)
      logit = static_cast<float>(8.0 * logit);
    expect_matches<binary_cross_entropy_with_logits_functions, S>(logits, probabilities(count, 2));
  }
  expect_matches_differences<binary_cross_entropy_with_logits_functions>(
      support::random_values(2 * S::size, 1), probabilities(2 * S::size, 2));
}

TEST(BinaryCrossEntropyWithLogits, NeitherOverflowsNorCancelsAtAHundred) {
  const Values logits{-100, -100, 100, 100, 0, 0, -30, 30}, target{0, 1, 0, 1, 0, 1, 0.5, 0.5};
  const auto expected = reference::binary_cross_entropy_with_logits(logits, target);
  const auto [loss, gradient] =
      run<binary_cross_entropy_with_logits_functions, Shape<8>>(logits, target, Reduction::mean);
  EXPECT_NEAR(loss, expected.value, 1e-6 * expected.value);
  EXPECT_TRUE(support::near_scaled("gradient", gradient, expected.gradient, 1e-6, 1.0));
  // Alone, so that no larger term hides it: log(1 + exp(-20)) = 2.06e-9.
  const double small =
      run<binary_cross_entropy_with_logits_functions, Shape<1>>({-20.0}, {0.0}, Reduction::sum)
          .first;
  EXPECT_NEAR(small, std::log1p(std::exp(-20.0)), 1e-14);
}

TEST(Losses, LogitsAndSigmoidAgree) {
  const Values logits = support::random_values(3 * S::size, 1);
  const Values target = probabilities(3 * S::size, 2);
  Model<Sequential<Sigmoid>, S> sigmoid{Seed{1}};
  const auto x = support::batch_of<S>(logits);
  const auto t = support::batch_of<S>(target);
  EXPECT_NEAR(binary_cross_entropy(sigmoid.forward(x), t).value,
              binary_cross_entropy_with_logits(x, t).value, 1e-6);
}

TEST(Losses, RefuseTwoBatchSizes) {
  const Tensor<S> three(3), four(4);
  for (const std::string& text :
       {support::error_text<std::invalid_argument>([&] { mse_loss(three, four); }),
        support::error_text<std::invalid_argument>([&] { binary_cross_entropy(three, four); }),
        support::error_text<std::invalid_argument>(
            [&] { binary_cross_entropy_with_logits(three, four); })})
    EXPECT_TRUE(support::says(text, "3 predictions", "4 targets"));
}

TEST(Losses, NaNShowsInValueAndGradient) {
  const auto expect = [](auto functions) {
    using F = decltype(functions);
    for (const std::size_t at : {0U, 17U, 104U}) {  // in a whole vector and in the rest
      Values prediction = probabilities(S::size, 1);
      prediction[at] = std::nan("");
      const auto [loss, gradient] =
          run<F, S>(prediction, probabilities(S::size, 2), Reduction::mean);
      EXPECT_TRUE(std::isnan(loss));
      EXPECT_TRUE(std::isnan(gradient[at]));
    }
  };
  expect(mse_loss_functions{});
  expect(binary_cross_entropy_functions{});
  expect(binary_cross_entropy_with_logits_functions{});
}

TEST(Losses, GradientGoesStraightIntoBackward) {
  // The same as writing the gradient to a batch first and giving that to backward.
  using Net = Sequential<Linear<9, 5>, Sigmoid>;
  Model<Net, Shape<9>> one{Seed{1}}, two{Seed{1}};
  const auto x = support::batch_of<Shape<9>>(support::random_values(4 * 9, 1));
  const auto target = support::batch_of<Shape<5>>(probabilities(4 * 5, 2));
  const auto [loss, gradient] = mse_loss(one.forward(x), target);
  one.zero_grad();
  one.backward(gradient);
  Tensor<Shape<5>> written(4);
  mse_loss(two.forward(x), target).gradient.write_to(written.data());
  two.zero_grad();
  two.backward(written);
  EXPECT_EQ(support::gradient_of(one.parameter("0.weight")),
            support::gradient_of(two.parameter("0.weight")));
}

}  // namespace losses_test
