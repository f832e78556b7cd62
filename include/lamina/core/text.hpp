// SPDX-License-Identifier: MIT
#pragma once
// A short text built by the compiler: names and formulas in layer tables.

#include <array>
#include <cstddef>
#include <string_view>

namespace lamina {

/// At most `capacity` characters; more are cut off.
struct Text {
  static constexpr std::size_t capacity = 96;

  std::array<char, capacity> characters{};
  std::size_t length = 0;

  constexpr std::string_view view() const { return {characters.data(), length}; }

  constexpr Text& operator<<(std::string_view more) {
    for (const char c : more)
      if (length < capacity) characters[length++] = c;
    return *this;
  }
  constexpr Text& operator<<(long long number) {
    if (number < 0) {
      *this << "-";
      number = -number;
    }
    std::array<char, 20> digits{};
    std::size_t count = 0;
    do {
      digits[count++] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    while (count > 0)
      *this << std::string_view{&digits[--count], 1};
    return *this;
  }
  constexpr Text& operator<<(int number) { return *this << static_cast<long long>(number); }

  /// Up to four decimals, no trailing zeros: 0.2, 0.01, 0.
  constexpr Text& operator<<(double number) {
    if (number < 0) {
      *this << "-";
      number = -number;
    }
    const auto scaled = static_cast<long long>(number * 10000 + 0.5);
    *this << scaled / 10000;
    auto rest = scaled % 10000;
    if (rest == 0) return *this;
    *this << ".";
    for (long long digit = 1000; rest != 0; digit /= 10) {
      *this << rest / digit;
      rest %= digit;
    }
    return *this;
  }
};

/// "Conv2d<1, 32, 4>": a layer's name with its arguments.
template <class... Arguments>
constexpr Text name_with(std::string_view name, Arguments... arguments) {
  Text text;
  text << name << "<";
  bool first = true;
  ((text << (first ? "" : ", ") << arguments, first = false), ...);
  text << ">";
  return text;
}

}  // namespace lamina
