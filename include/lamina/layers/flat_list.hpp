// SPDX-License-Identifier: MIT
#pragma once
// From a nested description to the flat list of layers that everything is computed from. Each leaf
// remembers its path ("1.3" for torch.nn's names, at_layer<1, 3> in errors) and where its input comes
// from. Values are numbered: 0 is the network's input, i + 1 what leaf number i puts out.

#include <array>
#include <cstddef>
#include <utility>

#include "lamina/layers/concat.hpp"
#include "lamina/layers/layer.hpp"
#include "lamina/layers/residual.hpp"
#include "lamina/layers/sequential.hpp"

namespace lamina {

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
struct Joined;
template <>
struct Joined<> {
  using type = LeafList<>;
};
template <class... Leaves>
struct Joined<LeafList<Leaves...>> {
  using type = LeafList<Leaves...>;
};
template <class... First, class... Second, class... Rest>
struct Joined<LeafList<First...>, LeafList<Second...>, Rest...>
    : Joined<LeafList<First..., Second...>, Rest...> {};

/// What is made of other layers. Behind its children's leaves it has `joins` leaves of its own.
template <class L>
inline constexpr bool is_combinator = false;
template <class... Layers>
inline constexpr bool is_combinator<Sequential<Layers...>> = true;
template <class... Layers>
inline constexpr bool is_combinator<Residual<Layers...>> = true;
template <class... Branches>
inline constexpr bool is_combinator<Concat<Branches...>> = true;

template <class L>
inline constexpr bool is_sequential = false;
template <class... Layers>
inline constexpr bool is_sequential<Sequential<Layers...>> = true;

/// A loop, as clang stops folding a pack at 256.
template <class... Layers>
consteval bool any_is_combinator() {
  for (const bool nested : {false, is_combinator<Layers>...})
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
  requires(!any_is_combinator<Layers...>())
struct FlattenedChildren<at_layer<Path...>, std::integer_sequence<int, I...>, Layers...> {
  using type = LeafList<Leaf<Layers, at_layer<Path..., I>>...>;
};
template <int... Path, int... I, class... Layers>
  requires(any_is_combinator<Layers...>())
struct FlattenedChildren<at_layer<Path...>, std::integer_sequence<int, I...>, Layers...> {
  using type = typename Joined<typename Flattened<Layers, at_layer<Path..., I>>::type...>::type;
};

template <class Path, class... Layers>
using FlatChildren = typename FlattenedChildren<
    Path, std::make_integer_sequence<int, static_cast<int>(sizeof...(Layers))>, Layers...>::type;

/// The same leaf once for each number.
template <class L, class Numbers>
struct Repeated;
template <class L, std::size_t... I>
struct Repeated<L, std::index_sequence<I...>> {
  template <std::size_t>
  using same = L;
  using type = LeafList<same<I>...>;
};

/// Joins of a Concat: one between each branch and those in front of it.
constexpr std::size_t joins_of(std::size_t branches) {
  return branches > 0 ? branches - 1 : 0;
}

template <class... Layers, class Path>
struct Flattened<Sequential<Layers...>, Path> {
  using type = FlatChildren<Path, Layers...>;
};
template <class... Layers, class Path>
struct Flattened<Residual<Layers...>, Path> {
  using type = typename Joined<FlatChildren<Path, Layers...>,
                               LeafList<Leaf<Residual<Layers...>, Path>>>::type;
};
template <class... Branches, class Path>
struct Flattened<Concat<Branches...>, Path> {
  using type = typename Joined<
      FlatChildren<Path, Branches...>,
      typename Repeated<Leaf<Concat<Branches...>, Path>,
                        std::make_index_sequence<joins_of(sizeof...(Branches))>>::type>::type;
};

/// The flat list of layers of a network (a single layer is a network too).
template <class Net>
using LeavesOf = typename Flattened<Net, at_layer<>>::type;

/// The child of a combinator that holds leaf number `leaf`, and the number of its first leaf. For a
/// join of its own, `child` is the number of children.
struct ChildPosition {
  std::size_t child = 0;
  std::size_t first_leaf = 0;
};

template <template <class...> class Combinator, class... Children>
consteval ChildPosition child_of_leaf(Combinator<Children...>, std::size_t leaf) {
  constexpr std::array<std::size_t, sizeof...(Children)> sizes{LeavesOf<Children>::size...};
  ChildPosition position;
  for (; position.child < sizes.size(); ++position.child) {
    if (leaf < position.first_leaf + sizes[position.child]) break;
    position.first_leaf += sizes[position.child];
  }
  return position;
}

template <template <class...> class Combinator, class... Children>
consteval std::size_t child_count(Combinator<Children...>) {
  return sizeof...(Children);
}

/// The values that a leaf reads.
struct Link {
  int input = 0;
  int other = -1;  ///< the second one of a join
};

/// The links made so far, in the order of the leaves.
struct Wiring {
  Link* links;
  int count = 0;

  /// Returns the number of the value that the leaf puts out.
  constexpr int add(Link link) {
    links[count] = link;
    return ++count;
  }
};

/// How the leaves of L hang together: `wire` takes the number of the value that reaches L and returns
/// that of its output.
template <class L>
struct Wired {
  static constexpr int wire(int from, Wiring& wiring) { return wiring.add({from}); }
};

template <class... Layers>
using WireFunctions = std::array<int (*)(int, Wiring&), sizeof...(Layers)>;

template <class... Layers>
constexpr int wire_in_row(int from, Wiring& wiring) {
  constexpr WireFunctions<Layers...> layers{&Wired<Layers>::wire...};
  for (const auto& wire : layers)
    from = wire(from, wiring);
  return from;
}

template <class... Layers>
struct Wired<Sequential<Layers...>> {
  static constexpr int wire(int from, Wiring& wiring) {
    return wire_in_row<Layers...>(from, wiring);
  }
};
template <class... Layers>
struct Wired<Residual<Layers...>> {
  static constexpr int wire(int from, Wiring& wiring) {
    const int made = wire_in_row<Layers...>(from, wiring);
    return wiring.add({made, from});
  }
};
template <class... Branches>
struct Wired<Concat<Branches...>> {
  static constexpr int wire(int from, Wiring& wiring) {
    constexpr WireFunctions<Branches...> branches{&Wired<Branches>::wire...};
    std::array<int, sizeof...(Branches)> made{};
    for (std::size_t i = 0; i < made.size(); ++i)
      made[i] = branches[i](from, wiring);
    int joined = made.empty() ? from : made.front();
    for (std::size_t i = 1; i < made.size(); ++i)
      joined = wiring.add({made[i], joined});
    return joined;
  }
};

template <class Net>
consteval auto links_of() {
  std::array<Link, LeavesOf<Net>::size> links{};
  Wiring wiring{links.data()};
  Wired<Net>::wire(0, wiring);
  return links;
}

}  // namespace detail

}  // namespace lamina
