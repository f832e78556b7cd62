// SPDX-License-Identifier: MIT
#pragma once
// Concat<Branches...>: branches that see the same input, their outputs side by side.

#include <cstddef>

#include "lamina/core/static_value.hpp"
#include "lamina/layers/layer.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina {

/// torch.cat([branch(x) for branch in branches], dim=1). A branch is a layer or a Sequential;
/// Concat<Identity, Sequential<...>> is the skip connection of a U-Net.
/// input  (N, C, H, W) -> output (N, sum of the branches' channels, H', W')
/// errors compile: branches that differ in anything but their channels
/// ref    Ronneberger et al. 2015, arXiv:1505.04597
template <class... Branches>
struct Concat {
  /// `in` comes out of one branch, `before` out of those in front of it.
  static constexpr LayerInfo describe_join(Dims in, Dims before) {
    LayerInfo info;
    info.output = info.expected = before;
    info.expected.extents[0] = in.channels();
    if (in != info.expected) info.problem = Problem::concat;
    info.output.extents[0] += in.channels();
    return info;
  }
  static constexpr Text name() { return Text{} << "Concat"; }

  template <class In, class Before, class B>
  struct Run {
    static constexpr std::size_t pixels = static_cast<std::size_t>(In::value.pixels());
    static constexpr WorkspaceSize workspace() { return {}; }
    static void forward(const ForwardPass<B>& pass) {
      B::concat(pass.images * pixels, static_value<Before::value.channels()>,
                static_value<In::value.channels()>, pass.other, pass.x, pass.y);
    }
    static void backward(const BackwardPass<B>& pass) {
      B::split(pass.images * pixels, static_value<Before::value.channels()>,
               static_value<In::value.channels()>, pass.dy, pass.dother, pass.dx);
    }
  };
};

}  // namespace lamina
