// SPDX-License-Identifier: MIT
#pragma once
// Network<Net, In>: a network applied to an input shape. Every shape is computed here, once, and the
// first layer whose input is wrong is reported in one readable error. Past a wrong layer the shapes
// go on as if it had been mended, so that nothing cascades behind the error.

#include <array>
#include <cstddef>
#include <tuple>

#include "lamina/core/shape.hpp"
#include "lamina/layers/layer.hpp"
#include "lamina/layers/sequential.hpp"
#include "lamina/model/diagnosis.hpp"

namespace lamina {

namespace detail {

/// The input and the answer of each layer, in order.
template <std::size_t Count>
struct Trace {
  std::array<Dims, Count> inputs{};
  std::array<LayerInfo, Count> layers{};
  Dims output{};
  std::size_t first_problem = Count;
};

/// A layer's `describe`; of what is no layer, one that says so.
template <class L>
consteval auto description_of() -> LayerInfo (*)(Dims) {
  if constexpr (Layer<L>)
    return &L::describe;
  else
    return [](Dims in) { return LayerInfo{.output = in, .problem = Problem::no_layer}; };
}

template <class... L, class... Path>
consteval auto make_trace(Dims in, LeafList<Leaf<L, Path>...>) {
  using Describe = LayerInfo (*)(Dims);
  constexpr std::size_t count = sizeof...(L);
  constexpr std::array<Describe, count> describe{description_of<L>()...};
  Trace<count> result;
  for (std::size_t i = 0; i < count; ++i) {
    result.inputs[i] = in;
    result.layers[i] = describe[i](in);
    in = result.layers[i].output;
    if (result.layers[i].problem != Problem::none && result.first_problem == count)
      result.first_problem = i;
  }
  result.output = in;
  return result;
}

template <std::size_t I, class... Layers>
auto nth(Sequential<Layers...>) -> std::tuple_element_t<I, std::tuple<Layers...>>;

}  // namespace detail

/// A network on an input shape: the facts that everything else is made from.
template <class Net, AnyShape In>
struct Network {
  using leaves = detail::LeavesOf<Net>;
  static constexpr std::size_t size = leaves::size;
  static constexpr detail::Trace<size> trace = detail::make_trace(In::value, leaves{});
  static constexpr bool fits = trace.first_problem == size;
  static constexpr Dims output_dims = trace.output;
  using output = ShapeOf<output_dims>;

  /// What reaches layer `i`; for i = size, what comes out at the end.
  static constexpr Dims shape_before(std::size_t i) {
    return i == size ? trace.output : trace.inputs[i];
  }
};

/// Whether every layer of Net takes what reaches it when the input has shape In.
template <class Net, class In>
concept FitsInput = AnyShape<In> && Network<Net, In>::fits;

namespace detail {

/// Reports the first problem of a network in terms of the innermost Sequential around it, so that a
/// wrong Encoder is reported once, alone or inside an Autoencoder. Always true: the error is `report`'s.
template <class Net, class In>
consteval bool check_network() {
  using N = Network<Net, In>;
  if constexpr (N::fits || !is_right<In>) {
    return true;
  } else if constexpr (!is_sequential<Net>) {
    return check_network<Sequential<Net>, In>();
  } else {
    constexpr ChildPosition at = child_of_leaf(Net{}, N::trace.first_problem);
    constexpr Dims reaching = N::trace.inputs[at.first_leaf];
    using Child = decltype(nth<at.child>(Net{}));
    if constexpr (is_sequential<Child>) {
      return check_network<Child, ShapeOf<reaching>>();
    } else {
      constexpr LayerInfo info = N::trace.layers[at.first_leaf];
      report<info.problem, at_layer<static_cast<int>(at.child)>, Child, reaching, info.expected>();
      return true;
    }
  }
}

template <class Net, class In>
struct Checked : Network<Net, In> {
  static_assert(check_network<Net, In>());
};

}  // namespace detail

/// The shape that comes out of Net for an input of shape In; a wrong network does not compile.
template <class Net, AnyShape In>
using Output = typename detail::Checked<Net, In>::output;

}  // namespace lamina
