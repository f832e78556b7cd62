// SPDX-License-Identifier: MIT
#pragma once
// How the layers with weights run: Linear and Conv2d gather from the big grid to the small one,
// ConvTranspose2d scatters from the small grid to the big one; each one's backward is the other. A forward may end
// with the activation behind the layer, a backward with the gradient of the one in front.

#include <cstddef>

#include "lamina/backend/cpu/window_geometry.hpp"
#include "lamina/core/static_value.hpp"
#include "lamina/layers/activations.hpp"
#include "lamina/layers/layer.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina::detail {

/// Whether the backend can write a weight gradient as well as add to it.
template <class B, WindowGeometry G>
concept OverwritesWeightGradient =
    requires { requires B::template overwrites_weight_gradient<G>(); };

/// The gradient of a layer's weights from both grids.
template <class B, WindowGeometry G, LanesAre Along>
void weight_gradient(const BackwardPass<B>& pass, const float* big, const float* small) {
  if constexpr (OverwritesWeightGradient<B, G>) {
    B::template weight_gradient<G, Along>(pass.images, big, small, pass.gradients[0],
                                          pass.workspace, pass.weight_update);
  } else {
    B::template weight_gradient<G, Along>(pass.images, big, small, pass.gradients[0],
                                          pass.workspace);
  }
}

template <class B, WindowGeometry G, Bias WithBias>
struct GatherLayer {
  static constexpr bool overwrites_weight_gradient = OverwritesWeightGradient<B, G>;
  static constexpr Neighbour backward_includes = Neighbour::in_front;
  static constexpr std::size_t small_pixels =
      static_cast<std::size_t>(G.small_height) * static_cast<std::size_t>(G.small_width);

  static constexpr WorkspaceSize workspace() {
    return largest({B::template gather_workspace<G>(),
                    B::template input_gradient_workspace<G, LanesAre::small>(),
                    B::template weight_gradient_workspace<G, LanesAre::small>(),
                    {.fixed = B::bias_gradient_workspace(G.small_channels)}});
  }

  template <class Activation = NoActivation>
  static void forward(const ForwardPass<B>& pass) {
    B::template gather<G, Activation>(pass.images, pass.x, pass.parameters[0], pass.parameters[1],
                                      pass.y, pass.workspace);
  }

  template <class Activation = NoActivation>
  static void backward(const BackwardPass<B>& pass) {
    if (pass.gradients[0] != nullptr) weight_gradient<B, G, LanesAre::small>(pass, pass.x, pass.dy);
    if (WithBias == Bias::yes && pass.gradients[1] != nullptr)
      B::bias_gradient(small_pixels * pass.images, static_value<G.small_channels>, pass.dy,
                       pass.gradients[1], pass.workspace);
    if (pass.dx != nullptr)
      B::template input_gradient<G, LanesAre::small, Activation>(
          pass.images, pass.dy, pass.parameters[0], pass.x, pass.dx, pass.workspace);
  }
};

template <class B, WindowGeometry G, Bias WithBias>
struct ScatterLayer {
  static constexpr bool overwrites_weight_gradient = OverwritesWeightGradient<B, G>;
  static constexpr Neighbour backward_includes = Neighbour::in_front;
  static constexpr std::size_t big_pixels =
      static_cast<std::size_t>(G.big_height) * static_cast<std::size_t>(G.big_width);

  static constexpr WorkspaceSize workspace() {
    return largest({B::template scatter_workspace<G>(),
                    B::template input_gradient_workspace<G, LanesAre::big>(),
                    B::template weight_gradient_workspace<G, LanesAre::big>(),
                    {.fixed = B::bias_gradient_workspace(G.big_channels)}});
  }

  template <class Activation = NoActivation>
  static void forward(const ForwardPass<B>& pass) {
    B::template scatter<G, Activation>(pass.images, pass.x, pass.parameters[0], pass.parameters[1],
                                       pass.y, pass.workspace);
  }

  template <class Activation = NoActivation>
  static void backward(const BackwardPass<B>& pass) {
    if (pass.gradients[0] != nullptr) weight_gradient<B, G, LanesAre::big>(pass, pass.dy, pass.x);
    if (WithBias == Bias::yes && pass.gradients[1] != nullptr)
      B::bias_gradient(big_pixels * pass.images, static_value<G.big_channels>, pass.dy,
                       pass.gradients[1], pass.workspace);
    if (pass.dx != nullptr)
      B::template input_gradient<G, LanesAre::big, Activation>(
          pass.images, pass.dy, pass.parameters[0], pass.x, pass.dx, pass.workspace);
  }
};

}  // namespace lamina::detail
