// SPDX-License-Identifier: MIT
// cross_entropy and accuracy: value and gradient against the double-precision reference and finite
// differences, and the ends of their range.

#include "lamina/losses/cross_entropy.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "reference/finite_difference.hpp"
#include "reference/losses.hpp"
#include "support/error_text.hpp"
#include "support/model_check.hpp"

namespace cross_entropy_test {

using namespace lamina;
using reference::Values;
using Labels = std::vector<std::uint8_t>;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Value and gradient of our loss.
template <int Classes>
std::pair<double, Values> run(const Values& logits, const Labels& labels,
                              Reduction reduction = Reduction::mean) {
  const auto batch = support::batch_of<Shape<Classes>>(logits);
  const auto [loss, gradient] = cross_entropy(batch, labels, reduction);
  EXPECT_EQ(gradient.size(), labels.size());
  Tensor<Shape<Classes>> written(labels.size());
  gradient.write_to(written.data());
  return {loss, support::values_of(written)};
}

Labels some_labels(std::size_t images, std::size_t classes) {
  Labels labels(images);
  for (std::size_t i = 0; i < images; ++i)
    labels[i] = static_cast<std::uint8_t>(i * 7 % classes);
  return labels;
}

/// Logits in [-8, 8] that float32 holds.
Values some_logits(std::size_t count) {
  Values logits = support::random_values(count, 1);
  for (double& logit : logits)
    logit *= 8.0;
  return logits;
}

// An exponential in float32 is off by some 1e-7 of itself; the sums over images are double.
constexpr double tolerance = 1e-6;

template <int Classes>
void expect_matches() {
  SCOPED_TRACE(Classes);
  for (const std::size_t images : {1U, 3U, 130U}) {
    const Labels labels = some_labels(images, Classes);
    const Values logits = some_logits(images * Classes);
    for (const bool mean : {true, false}) {
      const auto expected = reference::cross_entropy(
          logits, labels, mean ? reference::Reduction::mean : reference::Reduction::sum);
      const auto [loss, gradient] =
          run<Classes>(logits, labels, mean ? Reduction::mean : Reduction::sum);
      EXPECT_NEAR(loss, expected.value, tolerance * expected.value + 1e-12);
      EXPECT_TRUE(support::near_scaled("gradient", gradient, expected.gradient, tolerance,
                                       mean ? 1.0 / static_cast<double>(images) : 1.0));
    }
  }
}

TEST(CrossEntropy, MatchesReferenceAroundTheVectorWidth) {
  expect_matches<10>();
  expect_matches<2>();
  expect_matches<vector_lanes>();
  expect_matches<vector_lanes + 1>();
  expect_matches<2 * vector_lanes + 3>();
  expect_matches<255>();
}

TEST(CrossEntropy, OfOneClassIsZero) {
  const auto [loss, gradient] = run<1>({3.0, -5.0}, {0, 0});
  EXPECT_EQ(loss, 0.0);
  EXPECT_EQ(gradient, (Values{0.0, 0.0}));
}

TEST(CrossEntropy, MatchesFiniteDifferences) {
  const Labels labels = some_labels(5, 10);
  Values logits = support::random_values(5 * 10, 1);
  const Values gradient = run<10>(logits, labels).second;
  const Values numeric = reference::numeric_gradient(
      logits, [&] { return reference::cross_entropy(logits, labels).value; });
  EXPECT_TRUE(support::near_relative("gradient by differences", gradient, numeric, 1e-5));
}

TEST(CrossEntropy, NeitherOverflowsNorCancelsAtAThousand) {
  const auto [right, right_gradient] = run<3>({1000, 0, -1000}, {0});
  EXPECT_EQ(right, 0.0);
  EXPECT_EQ(right_gradient, (Values{0, 0, 0}));
  const auto [wrong, wrong_gradient] = run<3>({1000, 0, -1000}, {2});
  EXPECT_EQ(wrong, 2000.0);
  EXPECT_EQ(wrong_gradient, (Values{1, 0, -1}));
  // All of them far away and equal: log 3.
  EXPECT_NEAR(run<3>({-1e6, -1e6, -1e6}, {1}).first, std::log(3.0), 1e-6);
  // An impossible class, as in torch.nn.functional: log 2, and infinite where it is right.
  EXPECT_NEAR(run<3>({0, 0, -infinity}, {1}).first, std::log(2.0), 1e-6);
  EXPECT_EQ(run<3>({0, 0, -infinity}, {2}).first, infinity);
}

TEST(CrossEntropy, KeepsItsDigitsOverManyImages) {
  // log 2 a hundred thousand times: one float would be off in the fourth digit.
  constexpr std::size_t images = 100000;
  const double sum = run<2>(Values(2 * images, 1.0), Labels(images, 1), Reduction::sum).first;
  EXPECT_NEAR(sum, images * std::log(2.0), images * 1e-7);
}

TEST(CrossEntropy, GivesTheSameBitsForAnyNumberOfThreads) {
  const int before = num_threads();
  constexpr std::size_t images = 3001;
  const Labels labels = some_labels(images, 10);
  const Values logits = some_logits(images * 10);
  set_num_threads(1);
  const auto one = run<10>(logits, labels);
  for (const int threads : {2, 5}) {
    set_num_threads(threads);
    EXPECT_EQ(run<10>(logits, labels), one) << threads;
  }
  set_num_threads(before);
}

TEST(CrossEntropy, NaNShowsInValueAndGradient) {
  for (std::size_t at = 0; at < 10; ++at) {
    Values logits = some_logits(20);
    logits[10 + at] = std::nan("");
    const auto [loss, gradient] = run<10>(logits, {3, 4});
    EXPECT_TRUE(std::isnan(loss)) << at;
    EXPECT_FALSE(std::isnan(gradient[0])) << at;
    for (std::size_t k = 10; k < 20; ++k)
      EXPECT_TRUE(std::isnan(gradient[k])) << at;
  }
}

TEST(CrossEntropy, RefusesWhatIsNoLabel) {
  const Tensor<Shape<10>> logits(3);
  const auto text = [&](const Labels& labels) {
    const auto loss = support::error_text<std::invalid_argument>(
        [&] { static_cast<void>(cross_entropy(logits, labels)); });
    const auto share = support::error_text<std::invalid_argument>(
        [&] { static_cast<void>(accuracy(logits, labels)); });
    EXPECT_EQ(loss, share);
    return loss;
  };
  EXPECT_TRUE(support::says(text({0, 10, 9}), "label number 1 is 10", "below 10"));
  EXPECT_TRUE(support::says(text({0, 1}), "2 labels", "3 images"));
  EXPECT_TRUE(support::says(text({}), "0 labels", "3 images"));
}

TEST(CrossEntropy, TrainsAClassifier) {
  // Class = the quadrant of a point.
  using Net = Sequential<Linear<2, 16>, Tanh, Linear<16, 4>>;
  Model<Net, Shape<2>> model{Seed{1}};
  Adam adam{model.parameters(), {.learning_rate = 0.05F}};
  const auto x = support::batch_of<Shape<2>>(support::random_values(200, 1, 0.1));
  Labels labels(100);
  for (std::size_t i = 0; i < 100; ++i)
    labels[i] = static_cast<std::uint8_t>((x.data()[2 * i] > 0 ? 1 : 0) +
                                          (x.data()[2 * i + 1] > 0 ? 2 : 0));
  for (int step = 0; step < 100; ++step) {
    const auto [loss, gradient] = cross_entropy(model.forward(x), labels);
    model.zero_grad();
    model.backward(gradient);
    adam.step();
  }
  EXPECT_LT(cross_entropy(model.forward(x), labels).value, 0.05);
  EXPECT_GE(accuracy(model.forward(x), labels), 0.99);
}

double accuracy_of(const Values& logits, const Labels& labels) {
  return accuracy(support::batch_of<Shape<3>>(logits), labels);
}

TEST(Accuracy, CountsTheLargestLogit) {
  EXPECT_EQ(accuracy_of({0, 2, 1, 5, -1, 3, -3, -2, -1, 0, 0, 1}, {1, 0, 2, 0}), 0.75);
  EXPECT_EQ(accuracy_of({0, 2, 1}, {1}), 1.0);
  EXPECT_EQ(accuracy_of({0, 2, 1}, {2}), 0.0);
}

TEST(Accuracy, TakesTheFirstOfEqualLogits) {
  // torch.argmax(torch.tensor([0., 2., 2.])) is 1
  EXPECT_EQ(accuracy_of({0, 2, 2}, {1}), 1.0);
  EXPECT_EQ(accuracy_of({0, 2, 2}, {2}), 0.0);
  EXPECT_EQ(accuracy_of({-infinity, -infinity, -infinity}, {0}), 1.0);
}

TEST(Accuracy, NaNIsNeverRight) {
  for (std::size_t at = 0; at < 3; ++at) {
    Values logits{0, 2, 1};
    logits[at] = std::nan("");
    for (const std::uint8_t label : Labels{0, 1, 2})
      EXPECT_EQ(accuracy_of(logits, {label}), 0.0) << at << " " << int{label};
  }
}

}  // namespace cross_entropy_test
