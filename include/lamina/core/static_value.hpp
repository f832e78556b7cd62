// SPDX-License-Identifier: MIT
#pragma once
// Values that the compiler knows, as arguments of functions.

#include <concepts>
#include <type_traits>

namespace lamina {

/// A number whose type says which it is. A function that takes it as a template computes with it
/// while compiling; one that takes a plain int, or whatever it is, gets that.
template <auto Value>
inline constexpr std::integral_constant<decltype(Value), Value> static_value{};

/// The type of such a value: `template <StaticValue<int> Channels> ... Channels::value`.
template <class S, class Value>
concept StaticValue = std::same_as<S, std::integral_constant<Value, S::value>>;

}  // namespace lamina
