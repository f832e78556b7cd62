// SPDX-License-Identifier: MIT
#pragma once
// Network<Net, In>: a network applied to an input shape. Every shape is computed here, once, and the
// first layer whose input is wrong is reported in one readable error. Past a wrong layer the shapes
// go on as if it had been mended, so that nothing cascades behind the error.

#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>

#include "lamina/core/shape.hpp"
#include "lamina/layers/flat_list.hpp"
#include "lamina/layers/layer.hpp"
#include "lamina/model/diagnosis.hpp"

namespace lamina {

namespace detail {

/// The input and the answer of each layer, in order.
template <std::size_t Count>
struct Trace {
  std::array<Link, Count> links{};
  std::array<Dims, Count + 1> values{};  ///< shapes, numbered as links number them
  std::array<Dims, Count> inputs{};
  std::array<LayerInfo, Count> layers{};
  Dims output{};
  int condition_features = 0;
  std::size_t first_problem = Count;
};

using Describe = LayerInfo (*)(Dims in, Dims other);

/// A layer's `describe`; of what is no layer, one that says so.
template <class L>
consteval Describe description_of() {
  if constexpr (Join<L>)
    return &L::describe_join;
  else if constexpr (Layer<L>)
    return [](Dims in, Dims) { return L::describe(in); };
  else
    return [](Dims in, Dims) { return LayerInfo{.output = in, .problem = Problem::no_layer}; };
}

/// All conditions are one: a layer that takes another is wrong, if nothing else is wrong with it.
constexpr void check_conditions(LayerInfo& layer, int& features) {
  if (layer.condition_features == 0) return;
  if (features == 0) features = layer.condition_features;
  if (layer.condition_features == features || layer.problem != Problem::none) return;
  layer.problem = Problem::condition;
  layer.expected = make_dims(features);
}

template <class Net, class... L, class... Path>
consteval auto make_trace(Dims in, LeafList<Leaf<L, Path>...>) {
  constexpr std::size_t count = sizeof...(L);
  constexpr std::array<Describe, count> describe{description_of<L>()...};
  Trace<count> result;
  result.links = links_of<Net>();
  result.values[0] = in;
  for (std::size_t i = 0; i < count; ++i) {
    const Link link = result.links[i];
    const auto value = [&](int number) {
      return number < 0 ? Dims{} : result.values[static_cast<std::size_t>(number)];
    };
    result.inputs[i] = value(link.input);
    LayerInfo& layer = result.layers[i];
    layer = describe[i](result.inputs[i], value(link.other));
    check_conditions(layer, result.condition_features);
    result.values[i + 1] = layer.output;
    if (layer.problem != Problem::none && result.first_problem == count) result.first_problem = i;
  }
  result.output = result.values[count];
  return result;
}

template <std::size_t I, template <class...> class Combinator, class... Children>
auto nth_child(Combinator<Children...>) -> std::tuple_element_t<I, std::tuple<Children...>>;

}  // namespace detail

/// A network on an input shape: the facts that everything else is made from.
template <class Net, AnyShape In>
struct Network {
  using leaves = detail::LeavesOf<Net>;
  static constexpr std::size_t size = leaves::size;
  static constexpr detail::Trace<size> trace = detail::make_trace<Net>(In::value, leaves{});
  static constexpr bool fits = trace.first_problem == size;
  static constexpr Dims output_dims = trace.output;
  using output = ShapeOf<output_dims>;

  /// What reaches layer `i` of a chain; for i = size, what comes out at the end.
  static constexpr Dims shape_before(std::size_t i) { return trace.values[i]; }
};

/// Whether every layer of Net takes what reaches it when the input has shape In.
template <class Net, class In>
concept FitsInput = AnyShape<In> && Network<Net, In>::fits;

namespace detail {

/// Whether a problem is the child's own: what a layer, or the join at the end of a combinator, says.
template <class Child>
consteval bool is_own_problem(std::size_t leaf) {
  if constexpr (is_combinator<Child>)
    return child_of_leaf(Child{}, leaf).child == child_count(Child{});
  else
    return true;
}

/// Reports the first problem of network Whole in terms of the innermost combinator around it, so
/// that a wrong Encoder is reported once, alone or inside an Autoencoder. Net is a combinator around
/// it, with the leaves from number `First` on.
template <class Whole, class In, class Net, std::size_t First>
consteval void report_first_problem() {
  constexpr auto& trace = Network<Whole, In>::trace;
  constexpr ChildPosition at = child_of_leaf(Net{}, trace.first_problem - First);
  constexpr std::size_t first = First + at.first_leaf;
  using Child = decltype(nth_child<at.child>(Net{}));
  if constexpr (is_own_problem<Child>(trace.first_problem - first)) {
    constexpr LayerInfo info = trace.layers[trace.first_problem];
    constexpr Dims got = info.problem == Problem::condition ? make_dims(info.condition_features)
                                                            : trace.inputs[trace.first_problem];
    report<info.problem, at_layer<static_cast<int>(at.child)>, Child, got, info.expected>();
  } else {
    report_first_problem<Whole, In, Child, first>();
  }
}

/// Always true: the error is `report`'s.
template <class Net, class In>
consteval bool check_network() {
  if constexpr (!Network<Net, In>::fits && is_right<In>) report_first_problem<Net, In, Net, 0>();
  return true;
}

template <class Net, class In>
struct Checked : Network<Net, In> {
  static_assert(check_network<std::conditional_t<is_sequential<Net>, Net, Sequential<Net>>, In>());
};

}  // namespace detail

/// The shape that comes out of Net for an input of shape In; a wrong network does not compile.
template <class Net, AnyShape In>
using Output = typename detail::Checked<Net, In>::output;

}  // namespace lamina
