// SPDX-License-Identifier: MIT
#pragma once
// One layer of a reference network, described at run time: what it is, its parameters, and how it
// is run forward and backward.

#include <stdexcept>
#include <utility>
#include <vector>

#include "reference/activations.hpp"
#include "reference/add_condition.hpp"
#include "reference/batch_norm.hpp"
#include "reference/conv2d.hpp"
#include "reference/conv_transpose2d.hpp"
#include "reference/group_norm.hpp"
#include "reference/linear.hpp"
#include "reference/pool2d.hpp"
#include "reference/values.hpp"

namespace reference {

enum class Kind {
  linear,
  conv2d,
  conv_transpose2d,
  batch_norm,
  group_norm,
  add_condition,
  relu,
  leaky_relu,
  sigmoid,
  tanh,
  silu,
  dropout,
  max_pool2d,
  avg_pool2d,
  upsample,
  flatten,
  unflatten,
  residual,
  concat
};

/// One layer: what it is, its parameters and, after a pass, what the pass left behind. Make one
/// with the functions of `reference::layer`; the Network sizes the arrays.
struct Layer {
  Kind kind = Kind::relu;
  int out = 0, kernel = 1, stride = 1, padding = 0, output_padding = 0;
  bool has_bias = true;
  int groups = 1;             ///< of GroupNorm
  double slope = 0.01;        ///< of LeakyReLU
  double probability = 0.5;   ///< of Dropout
  int height = 1, width = 1;  ///< of what Unflatten makes: (out, height, width)
  Values weight{}, bias{};    ///< empty where the layer has none
  Moments running{};          ///< of BatchNorm
  int features = 0;           ///< of AddCondition
  Values condition{};         ///< of AddCondition, set by the caller: (batch, features)
  Values mask{};              ///< of Dropout, set by the caller: 1 keeps, 0 drops
  std::vector<std::vector<Layer>> branches{};  ///< of Residual (one) and Concat
  Gradients gradients{};     ///< of the last backward; `input` is with respect to its input
  Extents4 input_extents{};  ///< n is the batch of the last forward
  Values input{};            ///< of the last forward
};

namespace layer {

inline Layer linear(int out, bool bias = true) {
  return {.kind = Kind::linear, .out = out, .has_bias = bias};
}
inline Layer conv2d(int out, int kernel, int stride = 1, int padding = 0, bool bias = true) {
  return {.kind = Kind::conv2d,
          .out = out,
          .kernel = kernel,
          .stride = stride,
          .padding = padding,
          .has_bias = bias};
}
inline Layer conv_transpose2d(int out, int kernel, int stride = 1, int padding = 0,
                              int output_padding = 0, bool bias = true) {
  return {.kind = Kind::conv_transpose2d,
          .out = out,
          .kernel = kernel,
          .stride = stride,
          .padding = padding,
          .output_padding = output_padding,
          .has_bias = bias};
}
inline Layer batch_norm() {
  return {.kind = Kind::batch_norm};
}
inline Layer group_norm(int groups) {
  return {.kind = Kind::group_norm, .groups = groups};
}
inline Layer add_condition(int features) {
  return {.kind = Kind::add_condition, .features = features};
}
inline Layer relu() {
  return {.kind = Kind::relu};
}
inline Layer leaky_relu(double slope = 0.01) {
  return {.kind = Kind::leaky_relu, .slope = slope};
}
inline Layer sigmoid() {
  return {.kind = Kind::sigmoid};
}
inline Layer tanh() {
  return {.kind = Kind::tanh};
}
inline Layer silu() {
  return {.kind = Kind::silu};
}
inline Layer dropout(double probability, Values mask) {
  return {.kind = Kind::dropout, .probability = probability, .mask = std::move(mask)};
}
inline Layer max_pool2d(int kernel, int stride, int padding = 0) {
  return {.kind = Kind::max_pool2d, .kernel = kernel, .stride = stride, .padding = padding};
}
inline Layer avg_pool2d(int kernel, int stride, int padding = 0) {
  return {.kind = Kind::avg_pool2d, .kernel = kernel, .stride = stride, .padding = padding};
}
inline Layer upsample(int scale) {
  return {.kind = Kind::upsample, .kernel = scale, .stride = scale};
}
inline Layer flatten() {
  return {.kind = Kind::flatten};
}
inline Layer unflatten(int channels, int height, int width) {
  return {.kind = Kind::unflatten, .out = channels, .height = height, .width = width};
}

/// x + layers(x).
inline Layer residual(std::vector<Layer> layers) {
  return {.kind = Kind::residual, .branches = {std::move(layers)}};
}
/// torch.cat([branch(x) for branch in branches], dim=1).
inline Layer concat(std::vector<std::vector<Layer>> branches) {
  return {.kind = Kind::concat, .branches = std::move(branches)};
}

}  // namespace layer

namespace detail {

inline Linear linear_sizes(const Layer& l) {
  const Extents4& e = l.input_extents;
  return {.batch = e.n, .in = e.c * e.h * e.w, .out = l.out};
}
inline Conv2d conv2d_sizes(const Layer& l) {
  const Extents4& e = l.input_extents;
  return {e.n, e.c, e.h, e.w, l.out, l.kernel, l.stride, l.padding};
}
inline ConvTranspose2d conv_transpose2d_sizes(const Layer& l) {
  const Extents4& e = l.input_extents;
  return {e.n, e.c, e.h, e.w, l.out, l.kernel, l.stride, l.padding, l.output_padding};
}
inline BatchNorm batch_norm_sizes(const Layer& l) {
  const Extents4& e = l.input_extents;
  return {e.n, e.c, e.h, e.w};
}

inline GroupNorm group_norm_sizes(const Layer& l) {
  const Extents4& e = l.input_extents;
  return {e.n, e.c, e.h, e.w, l.groups};
}
inline AddCondition add_condition_sizes(const Layer& l) {
  const Extents4& e = l.input_extents;
  return {e.n, e.c, e.h, e.w, l.features};
}
inline Pool2d pool2d_sizes(const Layer& l) {
  const Extents4& e = l.input_extents;
  return {e.n, e.c, e.h, e.w, l.kernel, l.stride, l.padding};
}

/// The pool that is the other way round.
inline Pool2d upsample_sizes(const Layer& l) {
  const Extents4& e = l.input_extents;
  return {e.n, e.c, e.h * l.kernel, e.w * l.kernel, l.kernel, l.stride, 0};
}

inline Extents4 output_extents(const Layer& l) {
  const Extents4& e = l.input_extents;
  switch (l.kind) {
    case Kind::linear:
      return linear_sizes(l).output();
    case Kind::conv2d:
      return conv2d_sizes(l).output();
    case Kind::conv_transpose2d:
      return conv_transpose2d_sizes(l).output();
    case Kind::max_pool2d:
    case Kind::avg_pool2d:
      return pool2d_sizes(l).output();
    case Kind::upsample:
      return upsample_sizes(l).input();
    case Kind::flatten:
      return {e.n, e.c * e.h * e.w, 1, 1};
    case Kind::unflatten:
      return {e.n, l.out, l.height, l.width};
    default:
      return e;
  }
}

/// PyTorch's values for normalisation, zeros for the rest: the caller assigns weights.
inline void size_parameters(Layer& l) {
  const auto channels = static_cast<std::size_t>(l.input_extents.c);
  switch (l.kind) {
    case Kind::linear:
      l.weight.resize(linear_sizes(l).weight().size());
      break;
    case Kind::conv2d:
      l.weight.resize(conv2d_sizes(l).weight().size());
      break;
    case Kind::conv_transpose2d:
      l.weight.resize(conv_transpose2d_sizes(l).weight().size());
      break;
    case Kind::batch_norm:
      l.weight.assign(channels, 1.0);
      l.bias.assign(channels, 0.0);
      l.running = {Values(channels, 0.0), Values(channels, 1.0)};
      return;
    case Kind::add_condition:
      l.weight.resize(add_condition_sizes(l).linear().weight().size());
      l.bias.resize(channels);
      return;
    case Kind::group_norm:
      l.weight.assign(channels, 1.0);
      l.bias.assign(channels, 0.0);
      return;
    default:
      return;
  }
  if (l.has_bias) l.bias.resize(static_cast<std::size_t>(l.out));
}

inline Values forward(Layer& l, bool training) {
  const Values& x = l.input;
  switch (l.kind) {
    case Kind::linear:
      return reference::linear(linear_sizes(l), x, l.weight, l.bias);
    case Kind::conv2d:
      return reference::conv2d(conv2d_sizes(l), x, l.weight, l.bias);
    case Kind::conv_transpose2d:
      return reference::conv_transpose2d(conv_transpose2d_sizes(l), x, l.weight, l.bias);
    case Kind::batch_norm:
      return training ? batch_norm_train(batch_norm_sizes(l), l.running, x, l.weight, l.bias)
                      : batch_norm_eval(batch_norm_sizes(l), l.running, x, l.weight, l.bias);
    case Kind::group_norm:
      return reference::group_norm(group_norm_sizes(l), x, l.weight, l.bias);
    case Kind::add_condition:
      return reference::add_condition(add_condition_sizes(l), l.condition, x, l.weight, l.bias);
    case Kind::relu:
      return reference::relu(x);
    case Kind::leaky_relu:
      return reference::leaky_relu(x, l.slope);
    case Kind::sigmoid:
      return reference::sigmoid(x);
    case Kind::tanh:
      return reference::tanh(x);
    case Kind::silu:
      return reference::silu(x);
    case Kind::dropout:
      return training ? reference::dropout(x, l.mask, l.probability) : x;
    case Kind::max_pool2d:
      return reference::max_pool2d(pool2d_sizes(l), x);
    case Kind::avg_pool2d:
      return reference::avg_pool2d(pool2d_sizes(l), x);
    case Kind::upsample:
      return reference::upsample(upsample_sizes(l), x);
    case Kind::flatten:
    case Kind::unflatten:
      return x;
    case Kind::residual:
    case Kind::concat:
      break;  // made of layers: see network.hpp
  }
  throw std::invalid_argument("reference: no single layer");
}

inline Gradients backward(const Layer& l, const Values& dy, bool training) {
  const Values& x = l.input;
  switch (l.kind) {
    case Kind::linear:
      return linear_backward(linear_sizes(l), x, l.weight, dy);
    case Kind::conv2d:
      return conv2d_backward(conv2d_sizes(l), x, l.weight, dy);
    case Kind::conv_transpose2d:
      return conv_transpose2d_backward(conv_transpose2d_sizes(l), x, l.weight, dy);
    case Kind::batch_norm:
      return training ? batch_norm_train_backward(batch_norm_sizes(l), x, l.weight, dy)
                      : batch_norm_eval_backward(batch_norm_sizes(l), l.running, x, l.weight, dy);
    case Kind::group_norm:
      return group_norm_backward(group_norm_sizes(l), x, l.weight, dy);
    case Kind::add_condition:
      return add_condition_backward(add_condition_sizes(l), l.condition, l.weight, dy);
    case Kind::relu:
      return {relu_backward(x, dy), {}, {}};
    case Kind::leaky_relu:
      return {leaky_relu_backward(x, dy, l.slope), {}, {}};
    case Kind::sigmoid:
      return {sigmoid_backward(x, dy), {}, {}};
    case Kind::tanh:
      return {tanh_backward(x, dy), {}, {}};
    case Kind::silu:
      return {silu_backward(x, dy), {}, {}};
    case Kind::dropout:
      return {training ? dropout_backward(dy, l.mask, l.probability) : dy, {}, {}};
    case Kind::max_pool2d:
      return {max_pool2d_backward(pool2d_sizes(l), x, dy), {}, {}};
    case Kind::avg_pool2d:
      return {avg_pool2d_backward(pool2d_sizes(l), dy), {}, {}};
    case Kind::upsample:
      return {upsample_backward(upsample_sizes(l), dy), {}, {}};
    case Kind::flatten:
    case Kind::unflatten:
      return {dy, {}, {}};
    case Kind::residual:
    case Kind::concat:
      break;
  }
  throw std::invalid_argument("reference: no single layer");
}

}  // namespace detail

}  // namespace reference
