// SPDX-License-Identifier: MIT
#pragma once
// Elementwise activations. Any shape in, the same shape out. Most gradients are computed from the
// output, so that the layer may write over its input; SiLU's is computed from the input.

#include <cstddef>

#include "lamina/layers/layer.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina {

/// f(x) = x, for operations that may end with an activation.
struct NoActivation {};

namespace detail {

/// An activation as the backend's operation `Function`.
template <class B, class In, class Function, bool GradientFromInput = false>
struct ActivationLayer {
  using function = Function;
  static constexpr bool gradient_from_input = GradientFromInput;
  static constexpr WorkspaceSize workspace() { return {}; }

  static void forward(const ForwardPass<B>& pass) {
    B::template activation<Function>(pass.images * In::size, pass.x, pass.y);
  }
  static void backward(const BackwardPass<B>& pass) {
    const float* const known = GradientFromInput ? pass.x : pass.y;
    if (pass.dx != nullptr)
      B::template activation_gradient<Function>(pass.images * In::size, known, pass.dy, pass.dx);
  }
};

constexpr LayerInfo describe_activation(Dims in) {
  LayerInfo info;
  info.output = info.expected = in;
  info.memory.backward_reads_output = true;
  info.memory.overwrites_input = true;
  info.memory.overwrites_gradient = true;
  return info;
}

}  // namespace detail

/// max(x, 0) (torch.nn.ReLU).
struct ReLU {
  static constexpr bool piecewise_linear = true;
  static constexpr LayerInfo describe(Dims in) { return detail::describe_activation(in); }
  static constexpr Text name() { return Text{} << "ReLU"; }
  template <class In, class B>
  using Run = detail::ActivationLayer<B, In, ReLU>;
};

/// x for x > 0, Slope * x otherwise (torch.nn.LeakyReLU). Slope > 0.
template <double Slope = 0.01>
struct LeakyReLU {
  static constexpr double slope = Slope;
  static constexpr bool piecewise_linear = true;
  static constexpr LayerInfo describe(Dims in) {
    LayerInfo info = detail::describe_activation(in);
    if (!(Slope > 0.0)) info.problem = Problem::slope;
    return info;
  }
  static constexpr Text name() { return name_with("LeakyReLU", Slope); }
  template <class In, class B>
  using Run = detail::ActivationLayer<B, In, LeakyReLU>;
};

/// 1 / (1 + exp(-x)) (torch.nn.Sigmoid).
struct Sigmoid {
  static constexpr LayerInfo describe(Dims in) { return detail::describe_activation(in); }
  static constexpr Text name() { return Text{} << "Sigmoid"; }
  template <class In, class B>
  using Run = detail::ActivationLayer<B, In, Sigmoid>;
};

/// tanh(x) (torch.nn.Tanh).
struct Tanh {
  static constexpr LayerInfo describe(Dims in) { return detail::describe_activation(in); }
  static constexpr Text name() { return Text{} << "Tanh"; }
  template <class In, class B>
  using Run = detail::ActivationLayer<B, In, Tanh>;
};

/// x / (1 + exp(-x)) (torch.nn.SiLU).
/// ref    Elfwing et al. 2018, arXiv:1702.03118
struct SiLU {
  static constexpr LayerInfo describe(Dims in) {
    LayerInfo info;
    info.output = info.expected = in;
    info.memory.backward_reads_input = true;
    info.memory.overwrites_gradient = true;
    return info;
  }
  static constexpr Text name() { return Text{} << "SiLU"; }
  template <class In, class B>
  using Run = detail::ActivationLayer<B, In, SiLU, true>;
};

}  // namespace lamina
