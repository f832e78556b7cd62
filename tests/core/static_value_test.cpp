// SPDX-License-Identifier: MIT
// static_value: a number for who takes one, a type for who takes it as a template.

#include "lamina/core/static_value.hpp"

#include <concepts>
#include <cstddef>
#include <type_traits>

namespace static_value_test {

using lamina::static_value;
using lamina::StaticValue;

constexpr std::size_t plain(int first, std::size_t second) {
  return static_cast<std::size_t>(first) * second;
}
template <StaticValue<int> First, StaticValue<std::size_t> Second>
constexpr std::integral_constant<std::size_t, First::value * Second::value> typed(First, Second) {
  return {};
}

static_assert(plain(static_value<3>, static_value<std::size_t{5}>) == 15);
static_assert(std::same_as<decltype(typed(static_value<3>, static_value<std::size_t{5}>)),
                           std::integral_constant<std::size_t, 15>>);

template <class First, class Second>
concept Typed = requires(First first, Second second) { typed(first, second); };
static_assert(!Typed<int, std::size_t>, "what is only known at run time");
static_assert(!Typed<std::integral_constant<std::size_t, 3>, std::integral_constant<int, 5>>);

}  // namespace static_value_test
