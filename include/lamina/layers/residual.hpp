// SPDX-License-Identifier: MIT
#pragma once
// Residual<Layers...>: what went in is added to what the layers make of it.

#include <cstddef>

#include "lamina/layers/layer.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina {

/// y = x + layers(x), the layers one after the other.
/// errors compile: the layers put out another shape than went in
/// ref    He et al. 2016, arXiv:1512.03385
template <class... Layers>
struct Residual {
  /// `in` comes out of the layers, `skipped` went into them.
  static constexpr LayerInfo describe_join(Dims in, Dims skipped) {
    LayerInfo info;
    info.output = info.expected = skipped;
    if (in != skipped) info.problem = Problem::residual;
    info.memory.overwrites_input = true;
    info.memory.overwrites_gradient = true;
    return info;
  }
  static constexpr Text name() { return Text{} << "Residual"; }

  template <class In, class Skipped, class B>
  struct Run {
    static constexpr WorkspaceSize workspace() { return {}; }
    static void forward(const ForwardPass<B>& pass) {
      B::add(pass.images * In::size, pass.x, pass.other, pass.y);
    }
    static void backward(const BackwardPass<B>& pass) {
      if (pass.dother != nullptr) B::copy(pass.images * In::size, pass.dy, pass.dother);
      if (pass.dx != nullptr) B::copy(pass.images * In::size, pass.dy, pass.dx);
    }
  };
};

}  // namespace lamina
