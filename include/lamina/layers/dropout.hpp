// SPDX-License-Identifier: MIT
#pragma once
// Dropout. The mask is not kept: backward draws the same random numbers again.

#include <cstddef>

#include "lamina/layers/layer.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina {

/// In training each value is 0 with probability P, else x / (1 - P); the identity in evaluation
/// (torch.nn.Dropout).
/// ref    Srivastava et al. 2014, JMLR 15
template <double P = 0.5>
struct Dropout {
  static constexpr LayerInfo describe(Dims in) {
    LayerInfo info;
    info.output = info.expected = in;
    if (!(P >= 0.0 && P < 1.0)) info.problem = Problem::probability;
    info.memory.overwrites_input = true;
    info.memory.overwrites_gradient = true;
    return info;
  }
  static constexpr Text name() { return name_with("Dropout", P); }

  template <class In, class B>
  struct Run {
    static constexpr WorkspaceSize workspace() { return {}; }
    static void forward(const ForwardPass<B>& pass) {
      mask(pass.mode, pass.images, pass.draw, pass.x, pass.y);
    }
    static void backward(const BackwardPass<B>& pass) {
      if (pass.dx != nullptr) mask(pass.mode, pass.images, pass.draw, pass.dy, pass.dx);
    }

   private:
    static void mask(Mode mode, const Shard& images, DrawKey draw, const float* from, float* to) {
      draw.first = images.first * In::size;
      if (mode == Mode::train)
        B::dropout(images * In::size, P, draw, from, to);
      else
        B::copy(images * In::size, from, to);
    }
  };
};

}  // namespace lamina
