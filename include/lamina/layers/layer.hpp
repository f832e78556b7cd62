// SPDX-License-Identifier: MIT
#pragma once
// What a layer says about itself for a given input: output shape, parameters, cost, memory, and what
// is wrong with the input. All of it is a value, computed by the compiler; nothing here runs.

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>

#include "lamina/core/shape.hpp"
#include "lamina/core/text.hpp"

namespace lamina {

/// Write `infer` for a channel (or feature) count that the compiler is to take from what reaches the
/// layer: Conv2d<infer, 64, 4, 2, 1>, BatchNorm2d<infer>, Linear<infer, 10>.
inline constexpr int infer = -1;

enum class Bias { no, yes };

/// What can be wrong with the input of a layer.
enum class Problem {
  none,
  channels,
  needs_vector,
  needs_image,
  window,
  reshape,
  groups,     ///< channels that cannot be cut into groups of one size
  residual,   ///< what is added has another shape
  concat,     ///< what is put side by side differs in more than channels
  condition,  ///< a condition of another size than the layers in front take
  numbers,    ///< from here on the layer itself is wrong, whatever reaches it
  output_padding,
  padding,
  slope,
  probability,
  no_layer,
};

/// How a parameter is stored by PyTorch: weights of Linear (O, I), Conv2d (O, I, k, k) and
/// ConvTranspose2d (I, O, k, k) are packed by the backend; vectors are stored as they are.
enum class Storage { vector, linear, conv, conv_transpose };

/// How a value starts: PyTorch's default for the layer.
enum class Start { uniform_fan_in, ones, zeros };

/// One parameter or buffer of a layer.
struct ParameterInfo {
  const char* name = "";
  Dims shape{};  ///< in PyTorch's order
  Storage storage = Storage::vector;
  Start start = Start::zeros;
  int fan_in = 1;  ///< as torch.nn.init computes it
};

/// The window of a convolution or a pool, for tables, formulas and receptive fields.
struct Window {
  int kernel = 0;  ///< 0: the layer has no window
  int stride = 1;
  int padding = 0;
  int output_padding = 0;
  bool transposed = false;
};

/// What a backward pass reads, and whether results may overwrite what they are made from.
struct MemoryUse {
  bool backward_reads_input = false;
  bool backward_reads_output = false;
  bool overwrites_input = false;     ///< forward may write y over x
  bool overwrites_gradient = false;  ///< backward may write dx over dy
  bool view = false;                 ///< the same bytes seen in another shape: nothing runs
  int saved = 0;                     ///< values kept from forward to backward, per batch
  int saved_per_image = 0;           ///< and for each image, behind those
};

/// A layer's answer to an input shape.
struct LayerInfo {
  Dims output{};
  Problem problem = Problem::none;
  Dims expected{};  ///< what the input should have been; for a window: the least it can be

  std::array<ParameterInfo, 2> parameters{};
  int parameter_count = 0;
  std::array<ParameterInfo, 2> buffers{};
  int buffer_count = 0;
  bool counts_batches = false;  ///< has PyTorch's num_batches_tracked

  std::int64_t multiply_adds = 0;  ///< per image, forward
  Window window{};
  bool sees_everything = false;  ///< each output value depends on every input value
  int condition_features = 0;    ///< size of the condition that the layer takes; 0: none
  MemoryUse memory{};

  constexpr void add_parameter(const ParameterInfo& parameter) {
    parameters[static_cast<std::size_t>(parameter_count++)] = parameter;
  }
  constexpr void add_buffer(const ParameterInfo& buffer) {
    buffers[static_cast<std::size_t>(buffer_count++)] = buffer;
  }
};

/// A stateless description: what comes out for what goes in, and a name to show.
template <class L>
concept Layer = requires(Dims in) {
  { L::describe(in) } -> std::same_as<LayerInfo>;
  { L::name() } -> std::same_as<Text>;
};

/// The same for what joins two branches of a network: the end of a Residual or of a Concat's branch.
template <class L>
concept Join = requires(Dims in, Dims other) {
  { L::describe_join(in, other) } -> std::same_as<LayerInfo>;
  { L::name() } -> std::same_as<Text>;
};

namespace detail {

/// What shapes go on with where an argument is too small.
constexpr int clamped(int least, int argument) {
  return argument < least ? least : argument;
}

/// Whether an argument can be a number of channels or features.
constexpr bool is_count(int argument) {
  return argument > 0 || argument == infer;
}

/// A layer as it is once the channels that reach it are known (`infer` filled in), and the layer to
/// suggest when they are wrong. Layers without a channel count are what they are.
template <class L, Dims In>
struct ResolvedLayer {
  using type = L;
};
template <class L, Dims In>
  requires requires { typename L::template with_channels<In.channels()>; }
struct ResolvedLayer<L, In> {
  using type = typename L::template with_channels<In.channels()>;
};

}  // namespace detail

}  // namespace lamina
