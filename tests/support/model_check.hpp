// SPDX-License-Identifier: MIT
#pragma once
// Models against the double-precision reference: the same parameters and images go through both, and
// output, running statistics, and every gradient are compared. Plain arrays are in PyTorch's order.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "reference/network.hpp"
#include "support/compare.hpp"
#include "support/model_values.hpp"

namespace support {

/// The shape of a model's condition; of one that takes none, something that nobody reads.
template <class M>
using ConditionOf = std::conditional_t<lamina::AnyShape<typename M::condition_shape>,
                                       typename M::condition_shape, lamina::Shape<1>>;

/// forward, with the condition where the model takes one.
template <class M, class S, class B>
auto forward(M& model, const lamina::TensorRef<S, B>& images,
             const lamina::TensorRef<ConditionOf<M>, B>& condition) {
  if constexpr (lamina::AnyShape<typename M::condition_shape>)
    return model.forward(images, condition);
  else
    return model.forward(images);
}

/// What a pass of a model is checked on.
struct PassSettings {
  int images = 3;
  bool training = true;
  double gap = 0.0;  ///< how far inputs stay from 0, where ReLU has a kink
  /// Relative to the largest value of each array. Sums of up to a few thousand float32 products
  /// of either sign are off by some 1e-6; a wrong, missing or doubled term is off by 1e-3 or more.
  double tolerance = 1e-5;
  std::uint32_t seed = 1;
};

namespace detail {

/// Compares `got` with central differences of dot(network(x), dy) by some elements of `of`, which is
/// the network's input or one of its parameters.
inline void expect_finite_differences(const std::string& name, const Values& got, Values& of,
                                      double tolerance, const std::function<double()>& loss) {
  constexpr std::size_t most = 12;
  constexpr double h = 1e-4;  // the error is h^2 from the formula and 1e-16 / h from rounding
  const std::size_t stride = (std::max<std::size_t>)(1, of.size() / most);
  const double scale = (std::max)(max_abs(got), 1e-3);
  for (std::size_t i = stride / 2; i < of.size(); i += stride) {
    const double kept = of[i];
    of[i] = kept + h;
    const double above = loss();
    of[i] = kept - h;
    const double below = loss();
    of[i] = kept;
    const double expected = (above - below) / (2 * h);
    EXPECT_NEAR(got.at(i), expected, tolerance * scale) << name << "[" << i << "], by differences";
  }
}

inline double dot(const Values& a, const Values& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += a[i] * b.at(i);
  return sum;
}

inline Values doubled(Values values) {
  for (double& value : values)
    value *= 2.0;
  return values;
}

}  // namespace detail

/// One forward and backward pass of a model against the reference: output, running statistics,
/// gradients by parameters and by the input (each also against finite differences of the reference),
/// and that a second backward adds up. `layers` describes the same network by hand.
template <class Net, class In, class B = lamina::Cpu>
void expect_matches_reference(std::vector<reference::Layer> layers,
                              const PassSettings& settings = {}) {
  const std::string what =
      "seed " + std::to_string(settings.seed) + ", images " + std::to_string(settings.images);
  SCOPED_TRACE(what);
  using M = lamina::Model<Net, In, B>;
  M model{lamina::Seed{settings.seed}};
  model.train(settings.training);
  randomise(model, 100 * settings.seed);
  constexpr lamina::Dims image = In::value;
  reference::Network network(
      {.c = image.channels(), .h = image.pixels() / image.width(), .w = image.width()},
      std::move(layers));
  copy_state(model, network);

  const auto images = static_cast<std::size_t>(settings.images);
  Values x = random_values(images * In::size, settings.seed, settings.gap);
  const Values told = random_values(images * ConditionOf<M>::size, settings.seed + 2);
  network.set_condition(told);
  const Values y = network.forward(x, settings.images, settings.training);
  const Values dy = random_values(y.size(), settings.seed + 1);
  const Values dx = network.backward(dy);

  const auto input = batch_of<In, B>(x);
  const auto condition = batch_of<ConditionOf<M>, B>(told);
  const auto difference = batch_of<typename M::output_shape, B>(dy);
  EXPECT_TRUE(
      near_relative("output", values_of(forward(model, input, condition)), y, settings.tolerance));
  std::size_t next = 0;
  const auto buffers = model.named_buffers();
  for (const reference::Layer* layer : network.leaves()) {
    if (layer->running.mean.empty()) continue;
    for (const Values* expected : {&layer->running.mean, &layer->running.variance}) {
      const auto& buffer = buffers.at(next++);
      EXPECT_TRUE(near_relative(buffer.name(), values_of(buffer), *expected, settings.tolerance));
    }
  }
  model.zero_grad();
  model.backward(difference, lamina::Gradients::parameters_and_input);
  const Values input_gradient = values_of(model.input_gradient());
  EXPECT_TRUE(near_relative("input gradient", input_gradient, dx, settings.tolerance));
  const auto loss = [&] {
    return detail::dot(network.forward(x, settings.images, settings.training), dy);
  };
  const auto tensors = model.named_parameters();
  const auto parameters = network.parameters();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const std::string name = tensors[i].name() + " gradient";
    const Values gradient = gradient_of(tensors[i]);
    EXPECT_TRUE(near_relative(name, gradient, *parameters[i].gradient, settings.tolerance));
    detail::expect_finite_differences(name, gradient, *parameters[i].value, settings.tolerance,
                                      loss);
  }
  detail::expect_finite_differences("input gradient", input_gradient, x, settings.tolerance, loss);

  forward(model, input, condition);
  model.backward(difference, lamina::Gradients::parameters_and_input);
  EXPECT_TRUE(near_relative("second input gradient", values_of(model.input_gradient()), dx,
                            settings.tolerance));
  for (std::size_t i = 0; i < tensors.size(); ++i)
    EXPECT_TRUE(near_relative(tensors[i].name() + " gradient, accumulated", gradient_of(tensors[i]),
                              detail::doubled(*parameters[i].gradient), settings.tolerance));
}

/// A NaN in one image must show in the output, and a NaN in the output's gradient in the gradients of
/// all parameters and of the input.
template <class Net, class In, class B = lamina::Cpu>
void expect_nan_spreads() {
  using M = lamina::Model<Net, In, B>;
  M model{lamina::Seed{1}};
  Values x = random_values(2 * In::size, 1);
  x[In::size + In::size / 2] = std::nan("");
  const auto condition = batch_of<ConditionOf<M>, B>(random_values(2 * ConditionOf<M>::size, 3));
  EXPECT_TRUE(std::isnan(max_abs(values_of(forward(model, batch_of<In, B>(x), condition)))))
      << "forward";
  constexpr std::size_t size = M::output_shape::size;
  Values dy = random_values(2 * size, 2);
  dy[size + size / 2] = std::nan("");
  x = random_values(2 * In::size, 1);
  for (double& value : x)
    value = std::abs(value);  // where ReLU lets the gradient through
  const auto input = batch_of<In, B>(x);
  forward(model, input, condition);
  model.zero_grad();
  model.backward(batch_of<typename M::output_shape, B>(dy),
                 lamina::Gradients::parameters_and_input);
  EXPECT_TRUE(std::isnan(max_abs(values_of(model.input_gradient())))) << "input gradient";
  for (const auto& tensor : model.named_parameters())
    EXPECT_TRUE(std::isnan(max_abs(gradient_of(tensor)))) << tensor.name();
}

}  // namespace support
