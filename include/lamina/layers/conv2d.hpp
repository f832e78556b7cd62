// SPDX-License-Identifier: MIT
#pragma once
// 2-D convolution. N images; C channels, H rows, W columns; k kernel, s stride, p padding.

#include "lamina/backend/cpu/window_geometry.hpp"
#include "lamina/layers/layer.hpp"
#include "lamina/layers/weighted.hpp"

namespace lamina {

/// 2-D cross-correlation (torch.nn.Conv2d).
/// input  (N, C_in, H, W) -> output (N, C_out, H', W'), H' = floor((H + 2p - k) / s) + 1
/// errors compile: the input is no image, has another channel count, or k > H + 2p; an argument is
///        too small
/// ref    Dumoulin & Visin 2016, arXiv:1603.07285
template <int InChannels, int OutChannels, int Kernel, int Stride = 1, int Padding = 0,
          Bias WithBias = Bias::yes>
struct Conv2d {
  static constexpr int out_channels = detail::clamped(1, OutChannels);
  static constexpr int kernel = detail::clamped(1, Kernel);
  static constexpr int stride = detail::clamped(1, Stride);
  static constexpr int padding = detail::clamped(0, Padding);
  static constexpr bool numbers_are_right = detail::is_count(InChannels) &&
                                            out_channels == OutChannels && kernel == Kernel &&
                                            stride == Stride && padding == Padding;

  template <int Channels>
  using with_channels = Conv2d<Channels, OutChannels, Kernel, Stride, Padding, WithBias>;
  using with_bias = Conv2d<InChannels, OutChannels, Kernel, Stride, Padding, Bias::yes>;

  static constexpr LayerInfo describe(Dims in) {
    LayerInfo info;
    const int channels = in.channels();
    const int least = detail::clamped(1, kernel - 2 * padding);
    const auto extent = [](int size) {
      const int room = size + 2 * padding - kernel;
      return room < 0 ? 1 : room / stride + 1;
    };
    info.output = make_dims(out_channels, extent(in.height()), extent(in.width()));
    info.expected = make_dims(InChannels == infer ? channels : InChannels, in.height(), in.width());
    if (!numbers_are_right) {
      info.problem = Problem::numbers;
    } else if (in.rank != 3) {
      info.problem = Problem::needs_image;
    } else if (in != info.expected) {
      info.problem = Problem::channels;
    } else if (in.height() < least || in.width() < least) {
      info.problem = Problem::window;
      info.expected = make_dims(channels, least, least);
    }
    const int fan_in = channels * kernel * kernel;
    info.add_parameter({.name = "weight",
                        .shape = make_dims(out_channels, channels, kernel, kernel),
                        .storage = Storage::conv,
                        .start = Start::uniform_fan_in,
                        .fan_in = fan_in});
    if (WithBias == Bias::yes)
      info.add_parameter({.name = "bias",
                          .shape = make_dims(out_channels),
                          .start = Start::uniform_fan_in,
                          .fan_in = fan_in});
    info.multiply_adds = std::int64_t{fan_in} * static_cast<std::int64_t>(info.output.size());
    info.window = {.kernel = kernel, .stride = stride, .padding = padding};
    info.memory.backward_reads_input = true;
    return info;
  }

  static constexpr Text name() {
    return InChannels == infer
               ? name_with("Conv2d", "infer", OutChannels, Kernel, Stride, Padding)
               : name_with("Conv2d", InChannels, OutChannels, Kernel, Stride, Padding);
  }

  template <class In>
  static constexpr WindowGeometry geometry =
      conv2d_geometry(In::value.height(), In::value.width(), In::value.channels(), OutChannels,
                      Kernel, Stride, Padding);

  template <class In, class B>
  using Run = detail::GatherLayer<B, geometry<In>, WithBias>;
};

}  // namespace lamina
