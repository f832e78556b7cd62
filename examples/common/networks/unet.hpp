// SPDX-License-Identifier: MIT
#pragma once
// The U-Net that a diffusion model sees noise with: down from 28 x 28 to 7 x 7 and up again, with skip
// connections, told the step of the process in every block.
// Ronneberger et al. 2015, arXiv:1505.04597; Ho et al. 2020, arXiv:2006.11239.

#include <concepts>

#include "lamina/shapes.hpp"

namespace examples {

struct UNet {
  using Image = lamina::Shape<1, 28, 28>;
  static constexpr int time_features = 64;

  /// Two convolutions around the step of the process, added to what went in.
  template <int Channels>
  using Block = lamina::Residual<
      lamina::GroupNorm<8, Channels>, lamina::SiLU, lamina::Conv2d<Channels, Channels, 3, 1, 1>,
      lamina::AddCondition<time_features, Channels>, lamina::GroupNorm<8, Channels>, lamina::SiLU,
      lamina::Conv2d<Channels, Channels, 3, 1, 1>>;
  template <int In, int Out>
  using Down = lamina::Conv2d<In, Out, 4, 2, 1>;
  template <int In, int Out>
  using Up = lamina::Sequential<lamina::Upsample<2>, lamina::Conv2d<In, Out, 3, 1, 1>>;
  template <int In, int Out>
  using Mix = lamina::Conv2d<In, Out, 3, 1, 1>;

  // clang-format off
  template <int C>
  using Of = lamina::Sequential<
      Mix<1, C>, Block<C>,
      lamina::Concat<lamina::Identity, lamina::Sequential<
          Down<C, 2 * C>, Block<2 * C>,
          lamina::Concat<lamina::Identity, lamina::Sequential<
              Down<2 * C, 4 * C>, Block<4 * C>, Block<4 * C>, Up<4 * C, 2 * C>>>,
          Mix<4 * C, 2 * C>, Block<2 * C>, Up<2 * C, C>>>,
      Mix<2 * C, C>, Block<C>,
      lamina::GroupNorm<8, C>, lamina::SiLU, Mix<C, 1>>;
  // clang-format on
  using Net = Of<16>;
};
static_assert(std::same_as<lamina::Output<UNet::Net, UNet::Image>, UNet::Image>);

}  // namespace examples
