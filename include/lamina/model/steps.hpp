// SPDX-License-Identifier: MIT
#pragma once
// A network as a list of steps: for each layer of the flat list the functions that run it, where it
// stands, and what memory it asks for. A model walks these tables; a layer's functions know nothing
// of the model, so that equal layers of several models share their code.

#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "lamina/layers/pass.hpp"
#include "lamina/model/layer_table.hpp"
#include "lamina/model/network.hpp"

namespace lamina::detail {

/// What reaches layer number I.
template <class Net, class In, std::size_t I>
struct InputAt {
  static constexpr Dims dims = Network<Net, In>::trace.inputs[I];
  using shape = ShapeOf<dims>;
};

/// How layer number I, written as L, runs on backend B.
template <class Net, class In, class B, class L, std::size_t I>
struct RunAt {
  using type = typename ResolvedLayer<L, InputAt<Net, In, I>::dims>::type::template Run<
      typename InputAt<Net, In, I>::shape, B>;
};
template <class Net, class In, class B, Join L, std::size_t I>
struct RunAt<Net, In, B, L, I> {
  static constexpr std::size_t other =
      static_cast<std::size_t>(Network<Net, In>::trace.links[I].other);
  static constexpr Dims other_dims = Network<Net, In>::trace.values[other];
  using type =
      typename L::template Run<typename InputAt<Net, In, I>::shape, ShapeOf<other_dims>, B>;
};

/// Two layers that run as one step: the first one's forward ends with the activation behind it.
template <class First, class Second>
concept EndsWith = requires { &First::template forward<typename Second::function>; };
/// And back: its backward begins with that of the activation, which computes the activation again.
template <class First, class Second>
concept BeginsWith =
    First::backward_includes == Neighbour::behind && Second::function::piecewise_linear;
/// Or the second one's backward ends with that of the activation in front, whose values are its input.
template <class First, class Second>
concept EndsInto = Second::backward_includes == Neighbour::in_front && !First::gradient_from_input;

template <class B>
concept FusesActivations = B::fuses_activations;

/// A layer whose backward can write its first gradient instead of adding to it.
template <class Run>
concept OverwritesWeight = requires { requires Run::overwrites_weight_gradient; };

template <class B>
using ForwardFunction = void (*)(const ForwardPass<B>&);
template <class B>
using BackwardFunction = void (*)(const BackwardPass<B>&);

template <class... Run>
struct RunList {};

/// The steps in which a layer and the next one run together; null where they do not.
template <class B>
struct StepWithNext {
  ForwardFunction<B> forward = nullptr;
  BackwardFunction<B> backward = nullptr;          ///< this layer's, behind the next one's
  BackwardFunction<B> backward_of_next = nullptr;  ///< the next one's, behind this layer's
};
template <class B, class Previous, class Layer, class Next>
consteval StepWithNext<B> step_with() {
  StepWithNext<B> step;
  if constexpr (FusesActivations<B> && EndsWith<Layer, Next>)
    step.forward = &Layer::template forward<typename Next::function>;
  if constexpr (FusesActivations<B> && BeginsWith<Layer, Next>)
    step.backward = &Layer::template backward<typename Next::function>;
  if constexpr (FusesActivations<B> && EndsInto<Layer, Next> && !BeginsWith<Previous, Layer>)
    step.backward_of_next = &Next::template backward<typename Layer::function>;
  return step;
}

template <class B, class... Previous, class... Layer, class... Next>
consteval auto steps_of_neighbours(RunList<Previous...>, RunList<Layer...>, RunList<Next...>) {
  return std::array<StepWithNext<B>, sizeof...(Layer)>{step_with<B, Previous, Layer, Next>()...};
}
/// For each layer; void is in front of the first and behind the last, and has an entry of its own.
template <class B, class First, class... Rest>
consteval auto steps_with_next(RunList<First, Rest...>) {
  return steps_of_neighbours<B>(RunList<void, First, Rest...>{}, RunList<First, Rest..., void>{},
                                RunList<Rest..., void, void>{});
}

/// The functions of a network that fits; of one that does not, nothing is instantiated.
template <bool Fits, class Net, class In, class B, class Leaves, class Indices>
struct StepTables;
template <class Net, class In, class B, class... L, class... Path, std::size_t... I>
struct StepTables<true, Net, In, B, LeafList<Leaf<L, Path>...>, std::index_sequence<I...>> {
  static constexpr std::array<WorkspaceSize, sizeof...(L)> workspaces{
      RunAt<Net, In, B, L, I>::type::workspace()...};
  static constexpr std::array<ForwardFunction<B>, sizeof...(L)> forward{
      &RunAt<Net, In, B, L, I>::type::forward...};
  static constexpr std::array<BackwardFunction<B>, sizeof...(L)> backward{
      &RunAt<Net, In, B, L, I>::type::backward...};
  static constexpr std::array<bool, sizeof...(L)> overwrites_weight{
      OverwritesWeight<typename RunAt<Net, In, B, L, I>::type>...};

  static constexpr auto with_next =
      steps_with_next<B>(RunList<typename RunAt<Net, In, B, L, I>::type...>{});
};
template <class Net, class In, class B, class... Leaves, class Indices>
struct StepTables<false, Net, In, B, LeafList<Leaves...>, Indices> {
  static constexpr std::array<WorkspaceSize, sizeof...(Leaves)> workspaces{};
  static constexpr std::array<ForwardFunction<B>, sizeof...(Leaves)> forward{};
  static constexpr std::array<BackwardFunction<B>, sizeof...(Leaves)> backward{};
  static constexpr std::array<bool, sizeof...(Leaves)> overwrites_weight{};
  static constexpr std::array<StepWithNext<B>, sizeof...(Leaves)> with_next{};
};

template <class... L, class... Path>
consteval auto path_texts(LeafList<Leaf<L, Path>...>) {
  return std::array<Text, sizeof...(L)>{path_text(Path{})...};
}

template <class Net, class In, class B>
struct StepsOf : StepTables<Network<Net, In>::fits, Net, In, B, LeavesOf<Net>,
                            std::make_index_sequence<LeavesOf<Net>::size>> {
  static constexpr std::size_t size = LeavesOf<Net>::size;
  static constexpr auto path_names = path_texts(LeavesOf<Net>{});

  /// The name of a tensor of layer `i` as in torch.nn: "1.3.weight".
  static std::string tensor_name(std::size_t i, const char* tensor) {
    const auto path = path_names[i].view();
    return path.empty() ? std::string(tensor) : std::string(path) + "." + tensor;
  }
};

/// The shape of the condition that a network takes.
template <int Features>
struct ConditionOf {
  using type = Shape<Features>;
};
template <>
struct ConditionOf<0> {
  using type = no_condition;
};
template <int Features>
using ConditionShape = typename ConditionOf<Features>::type;

/// Layers `begin` up to `end`.
struct LayerRange {
  std::size_t begin;
  std::size_t end;
};

/// Part number I; no layers where there is none, which is reported.
template <std::size_t I, class... Layers>
consteval LayerRange range_of_part(Sequential<Layers...>) {
  constexpr std::array<std::size_t, sizeof...(Layers)> sizes{LeavesOf<Layers>::size...};
  if constexpr (I < sizeof...(Layers)) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i != I; ++i)
      begin += sizes[i];
    return {begin, begin + sizes[I]};
  } else {
    part_must_exist<expects<a_number_below<sizeof...(Layers)>>, got<part_number<I>>>();
    return {0, 0};
  }
}

/// Part number I of a network whose top level is a Sequential.
template <class Net, class In, std::size_t I>
struct PartOf {
  static constexpr LayerRange range = range_of_part<I>(Net{});
  static constexpr Dims input_dims = Network<Net, In>::shape_before(range.begin);
  static constexpr Dims output_dims = Network<Net, In>::shape_before(range.end);
  using input_shape = ShapeOf<input_dims>;
  using output_shape = ShapeOf<output_dims>;
};

}  // namespace lamina::detail
