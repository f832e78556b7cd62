// SPDX-License-Identifier: MIT
#pragma once
// Batch normalisation in evaluation multiplies each channel by a number and adds another: the layer with weights in
// front of it can do that by itself.

#include <array>
#include <cstddef>

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

/// A network with what folds folded.
template <class L>
struct Folded {
  using type = L;
};

/// The same of layers in a row, behind those that are done already.
template <class Done, class... Layers>
struct FoldedRow {
  using type = Done;
};
template <template <class...> class Row, class... Done, class First, class... Rest>
struct FoldedRow<Row<Done...>, First, Rest...>
    : FoldedRow<Row<Done..., typename Folded<First>::type>, Rest...> {};
template <template <class...> class Row, class... Done, class First, class Second, class... Rest>
  requires folds<First, Second>
struct FoldedRow<Row<Done...>, First, Second, Rest...>
    : FoldedRow<Row<Done..., typename First::with_bias>, Rest...> {};

template <class... Layers>
struct Folded<Sequential<Layers...>> : FoldedRow<Sequential<>, Layers...> {};
template <class... Layers>
struct Folded<Residual<Layers...>> : FoldedRow<Residual<>, Layers...> {};
template <class... Branches>
struct Folded<Concat<Branches...>> {
  using type = Concat<typename Folded<Branches>::type...>;
};

/// Whether the second of two layers stands directly behind the first one in the same row.
template <class First, class Second>
inline constexpr bool are_neighbours = false;
template <int... First, int... Second>
  requires(sizeof...(First) == sizeof...(Second) && sizeof...(First) > 0)
inline constexpr bool are_neighbours<at_layer<First...>, at_layer<Second...>> = [] {
  constexpr std::array first{First...};
  auto next = first;
  ++next.back();
  return next == std::array{Second...};
}();

/// The epsilon of the second leaf if it folds into the first one, else 0.
template <class First, class Second>
inline constexpr double folded_epsilon =
    folds<typename First::layer, typename Second::layer> &&
            are_neighbours<typename First::path, typename Second::path>
        ? epsilon_of<typename Second::layer>
        : 0;

/// The same for each leaf and the one behind it.
template <class... Firsts, class... Seconds>
consteval auto folded_epsilons(LeafList<Firsts...>, LeafList<Seconds...>) {
  return std::array<double, sizeof...(Firsts)>{folded_epsilon<Firsts, Seconds>...};
}
template <class First, class... Rest>
consteval auto folded_epsilons(LeafList<First, Rest...> leaves) {
  return folded_epsilons(leaves, LeafList<Rest..., Leaf<Identity, at_layer<>>>{});
}

}  // namespace detail

/// A network for evaluation: each Linear, Conv2d and ConvTranspose2d that has a batch normalisation directly
/// behind it in the same Sequential or Residual takes it in, and has a bias then.
template <class Net>
using FoldedBatchNorm = typename detail::Folded<Net>::type;

inline namespace LAMINA_ISA {
namespace impl {

using Values = xt::xarray<double>;

/// Scales the output channels of a layer with weights.
template <class B>
void assign_scaled(NamedTensor<B>& to, const NamedTensor<B>& weight, const Values& scale) {
  const bool second = weight.info().storage == Storage::conv_transpose;  // (C_in, C_out, k, k)
  Values values = weight.array();
  for (std::size_t channel = 0; channel < scale.size(); ++channel) {
    if (second)
      xt::view(values, xt::all(), channel) *= scale(channel);
    else
      xt::view(values, channel) *= scale(channel);
  }
  to.assign(values);
}

}  // namespace impl

/// A model for evaluation that puts out what `model` does in evaluation, within rounding, without the batch
/// normalisations that fold into the layers in front of them (torch.nn.utils.fusion.fuse_conv_bn_eval). What `model`
/// learns later does not reach it.
template <class Net, AnyShape In, class B, Precision P>
Model<FoldedBatchNorm<Net>, In, B, P> fold_batch_norm(Model<Net, In, B, P>& model) {
  using Leaves = detail::LeavesOf<Net>;
  constexpr std::array epsilons = detail::folded_epsilons(Leaves{});
  constexpr const auto& layers = detail::Checked<Net, In>::trace.layers;
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
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (epsilons[i] == 0) {
      copy(layers[i].parameter_count, parameter, to_parameter);
      copy(layers[i].buffer_count, buffer, to_buffer);
      continue;
    }
    const auto& weight = *parameter++;
    const impl::Values bias =
        layers[i].parameter_count > 1 ? impl::Values((parameter++)->array()) : impl::Values(0.0);
    ++i;  // the normalisation
    const impl::Values scale = (parameter++)->array(), shift = (parameter++)->array();
    const impl::Values mean = (buffer++)->array(), variance = (buffer++)->array();
    const impl::Values factor = scale / xt::sqrt(variance + epsilons[i - 1]);
    impl::assign_scaled(*to_parameter++, weight, factor);
    (to_parameter++)->assign((bias - mean) * factor + shift);
  }
  return folded;
}

}  // namespace LAMINA_ISA
}  // namespace lamina
