// SPDX-License-Identifier: MIT
#pragma once
// Shape<C, H, W>: the logical shape of one image (or one vector: Shape<F>) as a type, and Dims, the
// same as a value, in which shapes are computed. The batch dimension N is never part of either.

#include <array>
#include <cstddef>
#include <utility>

namespace lamina {

/// Most dimensions that one image can have: channels, height, width.
inline constexpr int max_rank = 4;

/// The extents of one image as a value, in PyTorch's order (C, H, W). Unused extents are 0.
struct Dims {
  int rank = 0;
  std::array<int, max_rank> extents{};

  constexpr int operator[](int i) const { return extents[static_cast<std::size_t>(i)]; }
  friend constexpr bool operator==(const Dims&, const Dims&) = default;

  /// Number of values in one image.
  constexpr std::size_t size() const {
    std::size_t product = 1;
    for (int i = 0; i < rank; ++i)
      product *= static_cast<std::size_t>((*this)[i]);
    return product;
  }

  /// C of (C, H, W), or the number of features of a vector.
  constexpr int channels() const { return extents[0]; }
  constexpr int height() const { return rank == 3 ? extents[1] : 1; }
  constexpr int width() const { return rank == 3 ? extents[2] : 1; }
  /// H * W, or whatever lies behind the channels: 1 for a vector.
  constexpr int pixels() const { return static_cast<int>(size()) / channels(); }
};

template <class... Extents>
constexpr Dims make_dims(Extents... extents) {
  static_assert(sizeof...(extents) <= static_cast<std::size_t>(max_rank));
  return Dims{static_cast<int>(sizeof...(extents)), {extents...}};
}

template <int... Extents>
struct Shape;

namespace detail {

/// False for every fact: the condition that compilers quote, with the facts spelled out.
template <class... Facts>
inline constexpr bool fits = false;

template <class Wrong>
consteval void shape_has_one_to_four_dimensions() {
  static_assert(fits<Wrong>,
                "lamina: a Shape has one to four dimensions, such as Shape<784> or "
                "Shape<1, 28, 28>; the batch is not one of them.");
}

template <class Wrong>
consteval void shape_dimensions_are_positive() {
  static_assert(fits<Wrong>,
                "lamina: every dimension of a Shape is at least 1; the batch is not one of them.");
}

template <int... Extents>
inline constexpr bool is_right_shape =
    sizeof...(Extents) >= 1 && sizeof...(Extents) <= static_cast<std::size_t>(max_rank) &&
    ((Extents > 0) && ...);

/// The value of a Shape. A wrong one is reported, once, and has a stand-in for a value, so that
/// nothing cascades: the checks are in functions, as clang gives up on a class with a failed one.
template <int... Extents>
consteval Dims checked_dims() {
  if constexpr (sizeof...(Extents) == 0 || sizeof...(Extents) > std::size_t{max_rank}) {
    shape_has_one_to_four_dimensions<Shape<Extents...>>();
    return make_dims(1);
  } else {
    if constexpr (!is_right_shape<Extents...>) shape_dimensions_are_positive<Shape<Extents...>>();
    return make_dims((Extents > 0 ? Extents : 1)...);
  }
}

}  // namespace detail

/// The shape of one image, known to the compiler. Example: Shape<1, 28, 28>.
/// errors compile: no dimension or more than four, a dimension below 1
template <int... Extents>
struct Shape {
  static constexpr Dims value = detail::checked_dims<Extents...>();
  static constexpr int rank = static_cast<int>(sizeof...(Extents));
  static constexpr std::array<int, sizeof...(Extents)> dims{Extents...};
  static constexpr std::size_t size = value.size();
};

namespace detail {

template <class T>
inline constexpr bool is_shape = false;
template <int... Extents>
inline constexpr bool is_shape<Shape<Extents...>> = true;

/// False for a Shape that has been reported already.
template <class S>
inline constexpr bool is_right = false;
template <int... Extents>
inline constexpr bool is_right<Shape<Extents...>> = is_right_shape<Extents...>;

template <Dims D, class = std::make_index_sequence<static_cast<std::size_t>(D.rank)>>
struct ShapeFrom;
template <Dims D, std::size_t... I>
struct ShapeFrom<D, std::index_sequence<I...>> {
  using type = Shape<D.extents[I]...>;
};

}  // namespace detail

/// A Shape<...>.
template <class T>
concept AnyShape = detail::is_shape<T>;

/// The Shape whose value is D.
template <Dims D>
using ShapeOf = typename detail::ShapeFrom<D>::type;

}  // namespace lamina
