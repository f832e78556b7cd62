// SPDX-License-Identifier: MIT
#pragma once
// Products of bfloat16 on a backend on a device beside those of the CPU. To be instantiated for each such backend.

#include <cstddef>
#include <type_traits>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "device/backend_test.hpp"
#include "support/compare.hpp"
#include "support/model_values.hpp"

namespace device_suite {

using namespace lamina;
using reference::Values;

/// Output and gradients of one step.
struct HalfStep {
  Values output, gradients, to_input;
};

template <class Net, class In, class B, Precision P>
HalfStep half_step(std::size_t images) {
  Model<Net, In, B, P> model{Seed{1}};
  const auto batch = support::batch_of<In, B>(support::random_values(images * In::size, 5));
  HalfStep result;
  for (int pass = 0; pass < 2; ++pass) {  // gradients add up
    const auto output = model.forward(batch);
    model.backward(output, Gradients::parameters_and_input);
    result.output = support::values_of(output);
  }
  for (const auto& tensor : model.named_parameters())
    for (const double gradient : support::gradient_of(tensor))
      result.gradients.push_back(gradient);
  result.to_input = support::values_of(model.input_gradient());
  return result;
}

/// tolerance: of the largest value.
template <class Net, class In, class B>
void expect_half_step_of_the_cpu(std::size_t images, double tolerance) {
  const HalfStep got = half_step<Net, In, B, Precision::bfloat16>(images);
  const HalfStep expected = half_step<Net, In, Cpu, Precision::bfloat16>(images);
  EXPECT_TRUE(support::near_relative("output", got.output, expected.output, tolerance));
  EXPECT_TRUE(support::near_relative("gradients", got.gradients, expected.gradients, tolerance));
  EXPECT_TRUE(support::near_relative("to input", got.to_input, expected.to_input, tolerance));
  const HalfStep full = half_step<Net, In, B, Precision::float32>(images);
  EXPECT_FALSE(support::near_relative("output", got.output, full.output, 1e-5))
      << "the factors were not rounded";
  EXPECT_FALSE(support::near_relative("gradients", got.gradients, full.gradients, 1e-5))
      << "the factors were not rounded";
}

template <class B>
class DeviceBFloat16Products : public BackendTest<B> {};
TYPED_TEST_SUITE_P(DeviceBFloat16Products);

// What the gradient is made of is rounded: where a rounding of float32 decides that one, it shows.
TYPED_TEST_P(DeviceBFloat16Products, MatrixProductsSumInFloat32) {
  using B = TypeParam;
  constexpr double tolerance = 1e-3;
  expect_half_step_of_the_cpu<Sequential<Linear<33, 17>>, Shape<33>, B>(5, tolerance);
  expect_half_step_of_the_cpu<Sequential<Conv2d<6, 5, 4>>, Shape<6, 4, 4>, B>(3, tolerance);
  expect_half_step_of_the_cpu<Sequential<ConvTranspose2d<7, 6, 4>>, Shape<7, 1, 1>, B>(4,
                                                                                       tolerance);
}

TYPED_TEST_P(DeviceBFloat16Products, ConvolutionsRoundTheirResults) {
  using B = TypeParam;
  constexpr double tolerance = 1.0 / 128;
  expect_half_step_of_the_cpu<Sequential<Conv2d<3, 17, 3, 1, 1>>, Shape<3, 7, 5>, B>(3, tolerance);
  expect_half_step_of_the_cpu<Sequential<Conv2d<2, 5, 4, 2, 1, Bias::no>>, Shape<2, 9, 8>, B>(
      4, tolerance);
  expect_half_step_of_the_cpu<Sequential<ConvTranspose2d<5, 3, 4, 2, 1>>, Shape<5, 4, 3>, B>(
      3, tolerance);
}

REGISTER_TYPED_TEST_SUITE_P(DeviceBFloat16Products, MatrixProductsSumInFloat32,
                            ConvolutionsRoundTheirResults);

}  // namespace device_suite
