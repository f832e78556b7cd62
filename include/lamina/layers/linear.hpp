// SPDX-License-Identifier: MIT
#pragma once
// Fully connected layer. N images; I, O features in and out.

#include "lamina/backend/cpu/window_geometry.hpp"
#include "lamina/layers/layer.hpp"
#include "lamina/layers/weighted.hpp"

namespace lamina {

/// y = x W^T + b (torch.nn.Linear).
/// input  (N, I) -> output (N, O)
/// errors compile: the input is an image, or has another number of features; an argument
///        is too small
template <int Inputs, int Outputs, Bias WithBias = Bias::yes>
struct Linear {
  static constexpr int outputs = detail::clamped(1, Outputs);

  template <int Features>
  using with_channels = Linear<Features, Outputs, WithBias>;
  using with_bias = Linear<Inputs, Outputs, Bias::yes>;

  static constexpr LayerInfo describe(Dims in) {
    LayerInfo info;
    const int features = in.rank == 1 ? in.channels() : static_cast<int>(in.size());
    info.output = make_dims(outputs);
    info.expected = make_dims(Inputs == infer ? features : Inputs);
    if (!detail::is_count(Inputs) || outputs != Outputs)
      info.problem = Problem::numbers;
    else if (in.rank != 1)
      info.problem = Problem::needs_vector;
    else if (in != info.expected)
      info.problem = Problem::channels;
    info.add_parameter({.name = "weight",
                        .shape = make_dims(outputs, features),
                        .storage = Storage::linear,
                        .start = Start::uniform_fan_in,
                        .fan_in = features});
    if (WithBias == Bias::yes)
      info.add_parameter({.name = "bias",
                          .shape = make_dims(outputs),
                          .start = Start::uniform_fan_in,
                          .fan_in = features});
    info.multiply_adds = std::int64_t{features} * outputs;
    info.sees_everything = true;
    info.memory.backward_reads_input = true;
    return info;
  }

  static constexpr Text name() {
    return Inputs == infer ? name_with("Linear", "infer", Outputs)
                           : name_with("Linear", Inputs, Outputs);
  }

  template <class In>
  static constexpr WindowGeometry geometry = linear_geometry(In::value.channels(), Outputs);

  template <class In, class B>
  using Run = detail::GatherLayer<B, geometry<In>, WithBias>;
};

}  // namespace lamina
