// SPDX-License-Identifier: MIT
#pragma once
// The CPU with products of bfloat16: inputs, weights and gradients are rounded to it where they are multiplied, in
// pairs, and summed in float32. All else is as in Cpu, in float32. The kernels are the same: a pair takes the place
// of a float, so that products run over half as many input channels, and weight gradients over half as many images.

#include <algorithm>
#include <cstddef>

#include "lamina/backend/cpu/bfloat16_pairs.hpp"
#include "lamina/backend/cpu/cpu.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

struct CpuBFloat16 : Cpu {
  /// Pairs of weights, and of the input grid.
  template <WindowGeometry G>
  static constexpr WorkspaceSize gather_workspace() {
    return {.fixed = paired_size(gather_layout(G)),
            .per_image = static_cast<std::size_t>(with_big_pairs(G).big_size())};
  }
  template <WindowGeometry G>
  static constexpr WorkspaceSize scatter_workspace() {
    return {.fixed = paired_size(scatter_layout(G)),
            .per_image = static_cast<std::size_t>(with_small_pairs(G).small_size())};
  }
  template <WindowGeometry G, LanesAre Are>
  static constexpr WorkspaceSize input_gradient_workspace() {
    constexpr std::size_t transposed = cpu_kernels::transposed_size(weight_layout(G, Are));
    if constexpr (Are == LanesAre::small)
      return scatter_workspace<G>().behind(transposed);
    else
      return gather_workspace<G>().behind(transposed);
  }
  /// Pairs of both grids, an odd image with none.
  template <WindowGeometry G, LanesAre Are>
  static constexpr WorkspaceSize weight_gradient_workspace() {
    const auto values = static_cast<std::size_t>(G.big_size() + G.small_size());
    const std::size_t per_image = (values + 1) / 2;
    constexpr WorkspaceSize of_pairs = lamina::weight_gradient_workspace<G, Are, BFloat16Pairs>();
    return {.fixed = of_pairs.fixed + values, .per_image = of_pairs.per_image + per_image};
  }

  template <WindowGeometry G, class Activation = NoActivation>
  static void gather(std::size_t images, const float* big, const float* weights, const float* bias,
                     float* small, float* workspace) {
    gather_pairs<G>(images, big, weights, bias, small, workspace, value_of<Activation>(small));
  }

  template <WindowGeometry G, class Activation = NoActivation>
  static void scatter(std::size_t images, const float* small, const float* weights,
                      const float* bias, float* big, float* workspace) {
    scatter_pairs<G>(images, small, weights, bias, big, workspace, value_of<Activation>(big));
  }

  template <WindowGeometry G, LanesAre Are, class Activation = NoActivation>
  static void input_gradient(std::size_t images, const float* dy, const float* weights,
                             const float* x, float* dx, float* workspace) {
    constexpr PackedLayout layout = weight_layout(G, Are);
    const float* const transposed = cpu_kernels::transposed_weights(layout, weights, workspace);
    float* const rest = workspace + cpu_kernels::transposed_size(layout);
    if constexpr (Are == LanesAre::small)
      scatter_pairs<G>(images, dy, transposed, nullptr, dx, rest, gradient_of<Activation>(x));
    else
      gather_pairs<G>(images, dy, transposed, nullptr, dx, rest, gradient_of<Activation>(x));
  }

  template <WindowGeometry G, LanesAre Are>
  static void weight_gradient(std::size_t images, const float* big, const float* small,
                              float* gradient, float* workspace,
                              GradientUpdate update = GradientUpdate::add) {
    const auto big_size = static_cast<std::size_t>(G.big_size());
    const std::size_t half = (images + 1) / 2;
    float* const big_pairs =
        workspace + lamina::weight_gradient_workspace<G, Are, BFloat16Pairs>().of(images);
    float* const small_pairs = big_pairs + half * big_size;
    cpu_kernels::pair_images(images, big_size, big, big_pairs);
    cpu_kernels::pair_images(images, static_cast<std::size_t>(G.small_size()), small, small_pairs);
    lamina::weight_gradient<G, Are, BFloat16Pairs>(static_cast<int>(half), big_pairs, small_pairs,
                                                   gradient, workspace, update);
  }

 private:
  /// Writes pairs of the weights to the workspace, and behind them pairs of the inputs, whose channels are the weights'
  /// rows. Returns where these lie.
  static const float* pair_factors(const PackedLayout& layout, const float* weights,
                                   std::size_t pixels, const float* inputs, float* workspace) {
    float* const pairs = workspace + paired_size(layout);
    cpu_kernels::pair_rows(layout, weights, workspace);
    cpu_kernels::pair_channels(pixels, layout.rows, inputs, pairs);
    return pairs;
  }

  template <WindowGeometry G>
  static void gather_pairs(std::size_t images, const float* big, const float* weights,
                           const float* bias, float* small, float* workspace, Finish finish) {
    const float* const pairs =
        pair_factors(gather_layout(G), weights, images * static_cast<std::size_t>(G.big_pixels()),
                     big, workspace);
    lamina::gather<with_big_pairs(G), BFloat16Pairs>(static_cast<int>(images), pairs, workspace,
                                                     bias, small, nullptr, finish);
  }

  template <WindowGeometry G>
  static void scatter_pairs(std::size_t images, const float* small, const float* weights,
                            const float* bias, float* big, float* workspace, Finish finish) {
    const float* const pairs =
        pair_factors(scatter_layout(G), weights,
                     images * static_cast<std::size_t>(G.small_pixels()), small, workspace);
    lamina::scatter<with_small_pairs(G), BFloat16Pairs>(static_cast<int>(images), pairs, workspace,
                                                        bias, big, nullptr, finish);
  }

  static constexpr std::size_t paired_size(const PackedLayout& layout) {
    return cpu_kernels::paired(layout).size();
  }
  static constexpr WindowGeometry with_big_pairs(WindowGeometry g) {
    g.big_channels = cpu_kernels::pairs_of(g.big_channels);
    return g;
  }
  static constexpr WindowGeometry with_small_pairs(WindowGeometry g) {
    g.small_channels = cpu_kernels::pairs_of(g.small_channels);
    return g;
  }
};

}  // namespace lamina::inline LAMINA_ISA
