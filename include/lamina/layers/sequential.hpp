// SPDX-License-Identifier: MIT
#pragma once
// Sequential<Layers...>: layers one after the other. Sequentials nest in the source; everything is
// computed from the flat list of layers, in which each remembers its path ("1.3" for torch.nn's
// names, at_layer<1, 3> in errors).

#include <cstddef>
#include <utility>

#include "lamina/layers/layer.hpp"

namespace lamina {

/// Layers one after the other (torch.nn.Sequential).
template <class... Layers>
struct Sequential {};

/// Where a layer stands, counted from 0; one number per level of nesting.
template <int... Path>
struct at_layer {};

namespace detail {

template <class L, class Path>
struct Leaf {
  using layer = L;
  using path = Path;
};

template <class... Leaves>
struct LeafList {
  static constexpr std::size_t size = sizeof...(Leaves);
};

template <class... Lists>
struct Concat;
template <>
struct Concat<> {
  using type = LeafList<>;
};
template <class... Leaves>
struct Concat<LeafList<Leaves...>> {
  using type = LeafList<Leaves...>;
};
template <class... First, class... Second, class... Rest>
struct Concat<LeafList<First...>, LeafList<Second...>, Rest...>
    : Concat<LeafList<First..., Second...>, Rest...> {};

template <class L>
inline constexpr bool is_sequential = false;
template <class... Layers>
inline constexpr bool is_sequential<Sequential<Layers...>> = true;

/// A loop, as clang stops folding a pack at 256.
template <class... Layers>
consteval bool any_is_sequential() {
  for (const bool nested : {false, is_sequential<Layers>...})
    if (nested) return true;
  return false;
}

template <class L, class Path>
struct Flattened {
  using type = LeafList<Leaf<L, Path>>;
};

template <class Path, class Numbers, class... Layers>
struct FlattenedChildren;
/// Nothing nested: one expansion, however many layers there are.
template <int... Path, int... I, class... Layers>
  requires(!any_is_sequential<Layers...>())
struct FlattenedChildren<at_layer<Path...>, std::integer_sequence<int, I...>, Layers...> {
  using type = LeafList<Leaf<Layers, at_layer<Path..., I>>...>;
};
template <int... Path, int... I, class... Layers>
  requires(any_is_sequential<Layers...>())
struct FlattenedChildren<at_layer<Path...>, std::integer_sequence<int, I...>, Layers...> {
  using type = typename Concat<typename Flattened<Layers, at_layer<Path..., I>>::type...>::type;
};

template <class... Layers, class Path>
struct Flattened<Sequential<Layers...>, Path>
    : FlattenedChildren<Path, std::make_integer_sequence<int, static_cast<int>(sizeof...(Layers))>,
                        Layers...> {};

/// The child of a Sequential that holds leaf number `leaf`, and the number of its first leaf.
struct ChildPosition {
  std::size_t child = 0;
  std::size_t first_leaf = 0;
};

template <class... Layers>
consteval ChildPosition child_of_leaf(Sequential<Layers...>, std::size_t leaf) {
  constexpr std::size_t sizes[] = {Flattened<Layers, at_layer<>>::type::size...};
  ChildPosition position;
  while (leaf >= position.first_leaf + sizes[position.child])
    position.first_leaf += sizes[position.child++];
  return position;
}

/// The flat list of layers of a network (a single layer is a network too).
template <class Net>
using LeavesOf = typename Flattened<Net, at_layer<>>::type;

}  // namespace detail

}  // namespace lamina
