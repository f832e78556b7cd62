// SPDX-License-Identifier: MIT
#pragma once
// Batch normalisation in evaluation multiplies each channel by a number and adds another: the layer with weights in
// front of it can do that by itself.

#include <array>
#include <cstddef>
#include <vector>

#include "lamina/core/isa.hpp"
#include "lamina/core/xtensor.hpp"
#include "lamina/layers/batch_norm.hpp"
#include "lamina/layers/concat.hpp"
#include "lamina/layers/flat_list.hpp"
#include "lamina/layers/layer.hpp"
#include "lamina/layers/residual.hpp"
#include "lamina/layers/sequential.hpp"
#include "lamina/model/model.hpp"
#include "lamina/model/named_tensor.hpp"
#include "lamina/model/network.hpp"
#include "lamina/model/precision.hpp"

namespace lamina {
namespace detail {

/// What `epsilon` a batch normalisation has; 0 for every other layer.
template <class L>
inline constexpr double epsilon_of = 0;
template <int Channels, class Constants>
inline constexpr double epsilon_of<BatchNorm1d<Channels, Constants>> = Constants::epsilon;
template <int Channels, class Constants>
inline constexpr double epsilon_of<BatchNorm2d<Channels, Constants>> = Constants::epsilon;

/// Whether a layer can take in the one behind it.
template <class First, class Second>
inline constexpr bool folds = requires { typename First::with_bias; } && epsilon_of<Second> != 0;

/// A rewrite puts Pair::of<First, Second> in the place of two layers that fold: the first one with a bias, or a mark.
struct WithBias {
  template <class First, class>
  using of = typename First::with_bias;
};
template <class Normalisation>
struct TakesIn {};
struct Marked {
  template <class, class Second>
  using of = TakesIn<Second>;
};

/// A network with what folds folded.
template <class Pair, class L>
struct Folded {
  using type = L;
};

/// The same of layers in a row, behind those that are done already.
template <class Pair, class Done, class... Layers>
struct FoldedRow {
  using type = Done;
};
template <class Pair, template <class...> class Row, class... Done, class First, class... Rest>
struct FoldedRow<Pair, Row<Done...>, First, Rest...>
    : FoldedRow<Pair, Row<Done..., typename Folded<Pair, First>::type>, Rest...> {};
template <class Pair, template <class...> class Row, class... Done, class First, class Second,
          class... Rest>
  requires folds<First, Second>
struct FoldedRow<Pair, Row<Done...>, First, Second, Rest...>
    : FoldedRow<Pair, Row<Done..., typename Pair::template of<First, Second>>, Rest...> {};

template <class Pair, class... Layers>
struct Folded<Pair, Sequential<Layers...>> : FoldedRow<Pair, Sequential<>, Layers...> {};
template <class Pair, class... Layers>
struct Folded<Pair, Residual<Layers...>> : FoldedRow<Pair, Residual<>, Layers...> {};
template <class Pair, class... Branches>
struct Folded<Pair, Concat<Branches...>> {
  using type = Concat<typename Folded<Pair, Branches>::type...>;
};

/// For each layer of the folded network the epsilon of the normalisation that it takes in, or 0.
template <class L>
inline constexpr double taken_epsilon = 0;
template <class Normalisation>
inline constexpr double taken_epsilon<TakesIn<Normalisation>> = epsilon_of<Normalisation>;
template <class... L, class... Path>
consteval auto taken_epsilons(LeafList<Leaf<L, Path>...>) {
  return std::array<double, sizeof...(L)>{taken_epsilon<L>...};
}

}  // namespace detail

/// A network for evaluation: each Linear, Conv2d and ConvTranspose2d that has a batch normalisation directly
/// behind it in the same Sequential or Residual takes it in, and has a bias then.
template <class Net>
using FoldedBatchNorm = typename detail::Folded<detail::WithBias, Net>::type;

inline namespace LAMINA_ISA {
namespace impl {

using Values = xt::xarray<double>;

/// The weights of a layer, each output channel times its factor.
template <class B>
Values scaled(const NamedTensor<B>& weight, Values factor) {
  std::vector<std::size_t> extents(weight.shape().size(), 1);
  extents[weight.info().storage == Storage::conv_transpose ? 1 : 0] = factor.size();
  factor.reshape(extents);
  return weight.array() * factor;
}

}  // namespace impl

/// A model for evaluation that puts out what `model` does in evaluation, within rounding, without the batch
/// normalisations that fold into the layers in front of them (torch.nn.utils.fusion.fuse_conv_bn_eval). What `model`
/// learns later does not reach it.
template <class Net, AnyShape In, class B, Precision P>
Model<FoldedBatchNorm<Net>, In, B, P> fold_batch_norm(Model<Net, In, B, P>& model) {
  using Marked = typename detail::Folded<detail::Marked, Net>::type;
  Model<FoldedBatchNorm<Net>, In, B, P> folded;
  folded.eval();
  const auto parameters = model.named_parameters(), buffers = model.named_buffers();
  auto to_parameters = folded.named_parameters(), to_buffers = folded.named_buffers();
  auto parameter = parameters.begin(), buffer = buffers.begin();
  auto to_parameter = to_parameters.begin(), to_buffer = to_buffers.begin();
  const auto copy = [](int count, auto& from, auto& to) {
    for (; count > 0; --count)
      (to++)->assign((from++)->array());
  };
  const LayerInfo* layer = detail::Checked<Net, In>::trace.layers.data();
  for (const double epsilon : detail::taken_epsilons(detail::LeavesOf<Marked>{})) {
    if (epsilon == 0) {
      copy(layer->parameter_count, parameter, to_parameter);
      copy(layer->buffer_count, buffer, to_buffer);
      ++layer;
      continue;
    }
    const auto& weight = *parameter++;
    const impl::Values bias =
        layer->parameter_count > 1 ? impl::Values((parameter++)->array()) : impl::Values(0.0);
    const impl::Values scale = (parameter++)->array(), shift = (parameter++)->array();
    const impl::Values mean = (buffer++)->array(), variance = (buffer++)->array();
    const impl::Values factor = scale / xt::sqrt(variance + epsilon);
    (to_parameter++)->assign(impl::scaled(weight, factor));
    (to_parameter++)->assign((bias - mean) * factor + shift);
    layer += 2;  // the normalisation is done too
  }
  return folded;
}

}  // namespace LAMINA_ISA
}  // namespace lamina
