// SPDX-License-Identifier: MIT
// Tensor and TensorRef: channels-last memory behind (N, C, H, W), copies, growth, and refusals.

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/error_text.hpp"
#include "support/model_check.hpp"

namespace tensor_test {

using namespace lamina;

using Image = Shape<3, 5, 7>;

/// A number that says which element it is.
float code(std::size_t n, std::size_t c, std::size_t h, std::size_t w) {
  return static_cast<float>(((n * 10 + c) * 10 + h) * 10 + w);
}

xt::xtensor<float, 4> coded(std::size_t images) {
  xt::xtensor<float, 4> values = xt::xtensor<float, 4>::from_shape({images, 3, 5, 7});
  for (std::size_t n = 0; n < images; ++n)
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t h = 0; h < 5; ++h)
        for (std::size_t w = 0; w < 7; ++w)
          values(n, c, h, w) = code(n, c, h, w);
  return values;
}

TEST(Tensor, LiesChannelsLastAndReadsInPyTorchsOrder) {
  const Tensor<Image> batch(coded(2));
  ASSERT_EQ(batch.size(), 2U);
  ASSERT_EQ(batch.span().size(), 2 * Image::size);
  const auto view = batch.array();
  for (std::size_t n = 0; n < 2; ++n)
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t h = 0; h < 5; ++h)
        for (std::size_t w = 0; w < 7; ++w) {
          EXPECT_EQ(view(n, c, h, w), code(n, c, h, w));
          EXPECT_EQ(batch.data()[((n * 5 + h) * 7 + w) * 3 + c], code(n, c, h, w));
        }
}

TEST(Tensor, ViewsCanBeAssigned) {
  Tensor<Image> batch(2);
  batch.array()(1, 2, 3, 4) = 5.0F;
  EXPECT_EQ(batch.data()[((1 * 5 + 3) * 7 + 4) * 3 + 2], 5.0F);
  for (const bool expression : {false, true}) {
    const xt::xtensor<float, 4> values = coded(2);
    if (expression)
      batch.array() = 1.0F * values;
    else
      batch.array() = values;
    for (std::size_t n = 0; n < 2; ++n)
      for (std::size_t c = 0; c < 3; ++c)
        for (std::size_t w = 0; w < 7; ++w) {
          EXPECT_EQ(batch.array()(n, c, 3, w), code(n, c, 3, w));
          EXPECT_EQ(batch.data()[((n * 5 + 3) * 7 + w) * 3 + c], code(n, c, 3, w));
        }
  }
}

TEST(Tensor, ViewsComputeLikeAnyExpression) {
  const xt::xtensor<float, 4> values = coded(2);
  const Tensor<Image> batch(values);
  const xt::xtensor<float, 4> copy = batch.array();
  EXPECT_EQ(copy, values);
  const xt::xtensor<float, 4> twice = batch.array() + values;
  const xt::xtensor<float, 4> expected = 2.0F * values;
  EXPECT_EQ(twice, expected);
  EXPECT_EQ(xt::sum(batch.array())(), xt::sum(values)());
}

TEST(Tensor, VectorsAndOneChannelKeepTheirOrder) {
  Tensor<Shape<4>> vectors(3);
  vectors.array()(2, 1) = 7.0F;
  EXPECT_EQ(vectors.data()[2 * 4 + 1], 7.0F);
  Tensor<Shape<1, 2, 3>> gray(2);
  gray.array()(1, 0, 1, 2) = 7.0F;
  EXPECT_EQ(gray.data()[1 * 6 + 1 * 3 + 2], 7.0F);
}

TEST(Tensor, TakesExpressions) {
  const xt::xtensor<float, 4> values = coded(2);
  const Tensor<Image> batch(values + 1.0F);
  EXPECT_EQ(batch.array()(1, 2, 4, 6), code(1, 2, 4, 6) + 1.0F);
  Tensor<Image> other;
  other.assign(values);
  EXPECT_EQ(other.size(), 2U);
  const xt::xarray<float> dynamic = values;
  other.assign(dynamic);
  EXPECT_EQ(other.array()(1, 2, 4, 6), code(1, 2, 4, 6));
}

TEST(Tensor, RefusesAnotherShapeAndKeepsItsValues) {
  Tensor<Image> batch(coded(2));
  const xt::xtensor<float, 4> wide = xt::zeros<float>({2, 3, 5, 8});
  const std::string text = support::error_text<std::invalid_argument>([&] { batch.assign(wide); });
  EXPECT_TRUE(support::says(text, "(N, 3, 5, 7)", "(2, 3, 5, 8)"));
  const xt::xtensor<float, 3> flat = xt::zeros<float>({3, 5, 7});
  EXPECT_TRUE(support::says(support::error_text<std::invalid_argument>([&] { batch.assign(flat); }),
                            "(3, 5, 7)"));
  EXPECT_EQ(batch.array()(1, 2, 4, 6), code(1, 2, 4, 6));
}

TEST(Tensor, StartsAlignedAndZeroed) {
  for (const std::size_t images : {1U, 2U, 7U}) {
    const Tensor<Image> batch(images);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(batch.data()) % 64, 0U);
    EXPECT_EQ(support::max_abs(batch.span()), 0.0);
  }
}

TEST(Tensor, ResizeKeepsItsMemoryBelowTheLargestSize) {
  Tensor<Image> batch(coded(5));
  const float* const before = batch.data();
  batch.resize(2);
  EXPECT_EQ(batch.size(), 2U);
  batch.resize(5);
  EXPECT_EQ(batch.data(), before);
  EXPECT_EQ(batch.array()(4, 2, 4, 6), code(4, 2, 4, 6));
  batch.resize(6);
  EXPECT_EQ(batch.size(), 6U);
  EXPECT_EQ(support::max_abs(batch.span()), 0.0);
}

TEST(Tensor, CopiesAreDeepAndMovesAreNot) {
  Tensor<Image> batch(coded(2));
  Tensor<Image> copy(batch);
  copy.array()(0, 0, 0, 0) = -1.0F;
  EXPECT_EQ(batch.array()(0, 0, 0, 0), code(0, 0, 0, 0));
  const float* const memory = batch.data();
  Tensor<Image> moved(std::move(batch));
  EXPECT_EQ(moved.data(), memory);
  EXPECT_EQ(moved.size(), 2U);
  copy = moved;
  EXPECT_NE(copy.data(), moved.data());
  EXPECT_EQ(copy.array()(1, 2, 4, 6), code(1, 2, 4, 6));
  Tensor<Image> assigned;
  assigned = std::move(copy);
  EXPECT_EQ(assigned.array()(1, 2, 4, 6), code(1, 2, 4, 6));
}

TEST(TensorRef, ImagesAreAPartOfTheBatch) {
  const Tensor<Image> batch(coded(4));
  const TensorRef<Image> part = batch.images(1, 2);
  EXPECT_EQ(part.size(), 2U);
  EXPECT_EQ(part.data(), batch.data() + Image::size);
  EXPECT_EQ(part.array()(1, 2, 4, 6), code(2, 2, 4, 6));
  EXPECT_TRUE(support::says(support::error_text<std::invalid_argument>([&] { batch.images(3, 2); }),
                            "batch of 4"));
}

TEST(TensorRef, ImagesRefusesAnOverflowingRange) {
  const Tensor<Image> batch(coded(4));
  EXPECT_THROW(batch.images(2, static_cast<std::size_t>(-1)), std::invalid_argument);
}

}  // namespace tensor_test
