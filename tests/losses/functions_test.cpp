// SPDX-License-Identifier: MIT
// The loss functions that only generative models use: half the squared error of a logit's sigmoid
// (Vae), Wasserstein and hinge (Gan). Value and gradient against the double-precision reference and
// its finite differences, and the ends of their range.

#include "lamina/losses/functions.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "reference/finite_difference.hpp"
#include "reference/losses.hpp"
#include "support/model_check.hpp"

namespace functions_test {

using namespace lamina;
using reference::Values;

using S = Shape<3, 5, 7>;

/// What the reference calls each of them.
template <class Function>
struct Reference;
template <>
struct Reference<HalfSquaredErrorOfLogit> {
  static constexpr auto loss = reference::half_squared_error_of_logit;
};
template <>
struct Reference<Wasserstein> {
  static constexpr auto loss = reference::wasserstein;
};
template <>
struct Reference<Hinge> {
  static constexpr auto loss = reference::hinge;
};

/// Value and gradient of our loss over batches of `Image`.
template <class Function, class Image>
std::pair<double, Values> run(const Values& prediction, const Values& target,
                              Reduction reduction = Reduction::mean) {
  const auto p = support::batch_of<Image>(prediction);
  const auto t = support::batch_of<Image>(target);
  const auto [loss, gradient] = impl::elementwise_loss<Function>(p, t, reduction);
  Tensor<Image> written(p.size());
  gradient.write_to(written.data());
  return {loss, support::values_of(written)};
}

/// Logits in [-most, most] that float32 holds.
Values logits(std::size_t count, double most) {
  Values values = support::random_values(count, 1);
  for (double& value : values)
    value = static_cast<float>(most * value);
  return values;
}

/// Pixels in [0, 1] that float32 holds, some of them 0 and 1 as in images.
Values pixels(std::size_t count) {
  Values values = support::random_values(count, 2);
  for (double& value : values)
    value = static_cast<float>(std::abs(value) < 0.2 ? std::round(value + 0.5) : value / 2 + 0.5);
  return values;
}

/// Targets of 1 and -1.
Values sides(std::size_t count) {
  Values values = support::random_values(count, 2);
  for (double& value : values)
    value = value < 0 ? -1.0 : 1.0;
  return values;
}

/// Float32 has 6e-8 for each of a handful of operations; sums of floats are short, the rest is
/// double. Errors are relative to the loss and to the largest element of the gradient.
constexpr double tolerance = 1e-6;

/// One image and many: within one vector, whole vectors, and the rest of one.
template <class Function, class Targets>
void expect_matches_reference(double most, Targets targets) {
  for (const std::size_t images : {1U, 3U, 40U}) {
    const Values x = logits(images * S::size, most), t = targets(images * S::size);
    for (const bool mean : {true, false}) {
      const auto expected = Reference<Function>::loss(
          x, t, mean ? reference::Reduction::mean : reference::Reduction::sum);
      const auto [loss, gradient] = run<Function, S>(x, t, mean ? Reduction::mean : Reduction::sum);
      EXPECT_TRUE(support::near_scaled("loss", Values{loss}, Values{expected.value}, tolerance,
                                       mean ? 1.0 : static_cast<double>(x.size())));
      EXPECT_TRUE(support::near_relative("gradient", gradient, expected.gradient, tolerance));
    }
  }
}

/// Our gradient against differences of the reference's value, which shares no formula with it. They
/// are good to 1e-10 of the loss, 1e-5 of the gradient's largest element.
template <class Function>
void expect_matches_differences(Values x, const Values& t) {
  const Values gradient = run<Function, S>(x, t).second;
  const Values numeric = reference::numeric_gradient(
      x, [&] { return Reference<Function>::loss(x, t, reference::Reduction::mean).value; });
  EXPECT_TRUE(support::near_relative("gradient by differences", gradient, numeric, 1e-5));
}

TEST(HalfSquaredErrorOfLogit, MatchesReference) {
  expect_matches_reference<HalfSquaredErrorOfLogit>(8.0, pixels);
  expect_matches_differences<HalfSquaredErrorOfLogit>(logits(2 * S::size, 8.0),
                                                      pixels(2 * S::size));
}

TEST(HalfSquaredErrorOfLogit, IsFlatAtTheEndsOfTheSigmoid) {
  // exp overflows to infinity at -100 and vanishes at 100: the value is 0 or 1/2, the gradient 0.
  const auto [loss, gradient] =
      run<HalfSquaredErrorOfLogit, Shape<4>>({-100, -100, 100, 100}, {0, 1, 0, 1}, Reduction::sum);
  EXPECT_EQ(loss, 1.0);
  EXPECT_TRUE(support::near_scaled("gradient", gradient, Values(4, 0.0), 1e-30, 1.0));
}

TEST(HalfSquaredErrorOfLogit, IsHalfTheSquaredErrorOfTheSigmoid) {
  // The same number by the library's own sigmoid and mse_loss.
  const auto x = support::batch_of<S>(logits(3 * S::size, 4.0));
  const auto t = support::batch_of<S>(pixels(3 * S::size));
  Model<Sequential<Sigmoid>, S> sigmoid{Seed{1}};
  const double squared = mse_loss(sigmoid.forward(x), t, Reduction::sum).value;
  const double half = impl::elementwise_loss<HalfSquaredErrorOfLogit>(x, t, Reduction::sum).value;
  EXPECT_NEAR(half, squared / 2, tolerance * half);
}

TEST(Wasserstein, MatchesReference) {
  expect_matches_reference<Wasserstein>(8.0, sides);
  expect_matches_differences<Wasserstein>(logits(2 * S::size, 8.0), sides(2 * S::size));
}

TEST(Wasserstein, HasNoBound) {
  EXPECT_EQ((run<Wasserstein, Shape<2>>({1e30, 1e30}, {-1, -1}).first), double{1e30F});
}

TEST(Hinge, MatchesReference) {
  expect_matches_reference<Hinge>(3.0, sides);
  expect_matches_differences<Hinge>(logits(2 * S::size, 3.0), sides(2 * S::size));
}

TEST(Hinge, EndsWhereALogitIsRightByOne) {
  //  x  3  1.5  0.5  -2      -3  -1.5  -0.5  2
  //  t  1  1    1    1       -1  -1    -1    -1
  //     0  0    0.5  3        0   0     0.5  3
  const auto [loss, gradient] = run<Hinge, Shape<8>>({3, 1.5, 0.5, -2, -3, -1.5, -0.5, 2},
                                                     {1, 1, 1, 1, -1, -1, -1, -1}, Reduction::sum);
  EXPECT_EQ(loss, 7.0);
  EXPECT_EQ(gradient, (Values{0, 0, -1, -1, 0, 0, 1, 1}));
}

/// In a whole vector and in the rest of one. (The slope of Wasserstein and hinge is t or 0 whatever
/// the logit, so that only their value can tell.)
template <class Function>
void expect_nan_shows_in_value(const Values& t) {
  for (const std::size_t at : {0U, 17U, 104U}) {
    Values x = logits(S::size, 1.0);
    x[at] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_TRUE(std::isnan(run<Function, S>(x, t).first)) << at;
  }
}

TEST(LossFunctions, NaNShowsInTheValue) {
  expect_nan_shows_in_value<HalfSquaredErrorOfLogit>(pixels(S::size));
  expect_nan_shows_in_value<Wasserstein>(sides(S::size));
  expect_nan_shows_in_value<Hinge>(sides(S::size));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(std::isnan(run<HalfSquaredErrorOfLogit, Shape<1>>({nan}, {0.5}).second[0]));
}

}  // namespace functions_test
