// SPDX-License-Identifier: MIT
#pragma once
// 2-D transposed convolution. N images; C channels, H rows, W columns; k kernel, s stride, p padding.

#include "lamina/backend/cpu/window_geometry.hpp"
#include "lamina/layers/layer.hpp"
#include "lamina/layers/weighted.hpp"

namespace lamina {

/// The transpose of a convolution's linear map (torch.nn.ConvTranspose2d).
/// input  (N, C_in, H, W) -> output (N, C_out, H', W'), H' = (H - 1) s - 2p + k + output_padding
/// errors compile: the input is no image, has another channel count, or nothing would be left; an
///        argument is too small, output padding not smaller than the stride
/// ref    Dumoulin & Visin 2016, arXiv:1603.07285
template <int InChannels, int OutChannels, int Kernel, int Stride = 1, int Padding = 0,
          int OutputPadding = 0, Bias WithBias = Bias::yes>
struct ConvTranspose2d {
  static constexpr int out_channels = detail::clamped(1, OutChannels);
  static constexpr int kernel = detail::clamped(1, Kernel);
  static constexpr int stride = detail::clamped(1, Stride);
  static constexpr int padding = detail::clamped(0, Padding);
  static constexpr int output_padding = detail::clamped(0, OutputPadding);
  static constexpr bool numbers_are_right =
      detail::is_count(InChannels) && out_channels == OutChannels && kernel == Kernel &&
      stride == Stride && padding == Padding && output_padding == OutputPadding;

  template <int Channels>
  using with_channels =
      ConvTranspose2d<Channels, OutChannels, Kernel, Stride, Padding, OutputPadding, WithBias>;
  using with_bias =
      ConvTranspose2d<InChannels, OutChannels, Kernel, Stride, Padding, OutputPadding, Bias::yes>;

  static constexpr LayerInfo describe(Dims in) {
    LayerInfo info;
    const int channels = in.channels();
    const auto extent = [](int size) {
      return (size - 1) * stride - 2 * padding + kernel + output_padding;
    };
    const int height = extent(in.height());
    const int width = extent(in.width());
    info.output = make_dims(out_channels, height > 0 ? height : 1, width > 0 ? width : 1);
    info.expected = make_dims(InChannels == infer ? channels : InChannels, in.height(), in.width());
    if (!numbers_are_right) {
      info.problem = Problem::numbers;
    } else if (output_padding >= stride && output_padding > 0) {
      info.problem = Problem::output_padding;
    } else if (in.rank != 3) {
      info.problem = Problem::needs_image;
    } else if (in != info.expected) {
      info.problem = Problem::channels;
    } else if (height <= 0 || width <= 0) {
      const int least = (2 * padding - kernel - output_padding + stride) / stride + 1;
      info.problem = Problem::window;
      info.expected = make_dims(channels, least, least);
    }
    // PyTorch takes the second dimension of the weight, here the output channels, for the fan-in.
    const int fan_in = out_channels * kernel * kernel;
    info.add_parameter({.name = "weight",
                        .shape = make_dims(channels, out_channels, kernel, kernel),
                        .storage = Storage::conv_transpose,
                        .start = Start::uniform_fan_in,
                        .fan_in = fan_in});
    if (WithBias == Bias::yes)
      info.add_parameter({.name = "bias",
                          .shape = make_dims(out_channels),
                          .start = Start::uniform_fan_in,
                          .fan_in = fan_in});
    info.multiply_adds = std::int64_t{fan_in} * static_cast<std::int64_t>(in.size());
    info.window = {.kernel = kernel,
                   .stride = stride,
                   .padding = padding,
                   .output_padding = output_padding,
                   .transposed = true};
    info.memory.backward_reads_input = true;
    return info;
  }

  static constexpr Text name() {
    const auto with_in = [](auto in) {
      return OutputPadding == 0
                 ? name_with("ConvTranspose2d", in, OutChannels, Kernel, Stride, Padding)
                 : name_with("ConvTranspose2d", in, OutChannels, Kernel, Stride, Padding,
                             OutputPadding);
    };
    return InChannels == infer ? with_in("infer") : with_in(InChannels);
  }

  template <class In>
  static constexpr WindowGeometry geometry =
      conv_transpose2d_geometry(In::value.height(), In::value.width(), In::value.channels(),
                                OutChannels, Kernel, Stride, Padding, OutputPadding);

  template <class In, class B>
  using Run = detail::ScatterLayer<B, geometry<In>, WithBias>;
};

}  // namespace lamina
