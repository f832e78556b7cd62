// SPDX-License-Identifier: MIT
#pragma once
// Loops over long arrays a vector at a time, shared out to threads, and sums over them whose bits do
// not depend on the number of threads.

#include <algorithm>
#include <array>
#include <cstddef>

#include "lamina/backend/cpu/parallel.hpp"
#include "lamina/backend/cpu/simd.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

/// Reads and writes a whole vector; `kept` are the lanes that count.
struct WholeVector {
  static Vec kept(const Vec& value) { return value; }
  static Vec load(const float* from) { return load_unaligned(from); }
  static void store(float* to, const Vec& value) { store_unaligned(to, value); }
};

/// Reads and writes the first `count` lanes: the end of an array.
struct PartOfVector {
  int count;
  Vec kept(const Vec& value) const {
    alignas(64) std::array<float, static_cast<std::size_t>(lanes)> buffer;
    lamina::store(buffer.data(), value);
    return load_partial(buffer.data(), count);
  }
  Vec load(const float* from) const { return load_partial(from, count); }
  void store(float* to, const Vec& value) const { store_partial(to, value, count); }
};

/// Calls body(i, access) for i = begin, begin + lanes, ... below end; `access` loads and stores.
template <class Body>
void for_vectors(std::size_t begin, std::size_t end, const Body& shared) {
  // What a copy holds stays in registers: what is stored might otherwise be part of it.
  const Body body = shared;
  constexpr auto step = static_cast<std::size_t>(lanes);
  std::size_t i = begin;
  for (; i + step <= end; i += step)
    body(i, WholeVector{});
  if (i < end) body(i, PartOfVector{static_cast<int>(end - i)});
}

/// Calls body(part) for part = 0 ... parts - 1, on all threads if `count` values are worth it.
template <class Body>
void for_parts(std::size_t parts, std::size_t count, const Body& body) {
  constexpr double operations_per_value = 8.0;  // these loops wait for memory, not for arithmetic
  cpu_kernels::parallel_ranges(static_cast<std::ptrdiff_t>(parts),
                               operations_per_value * static_cast<double>(count),
                               [&](std::ptrdiff_t first, std::ptrdiff_t last) {
                                 for (; first < last; ++first)
                                   body(static_cast<std::size_t>(first));
                               });
}

/// for_vectors over `count` values on all threads.
template <class Body>
void for_all_vectors(std::size_t count, const Body& body) {
  constexpr std::size_t chunk = 8192;
  for_parts((count + chunk - 1) / chunk, count, [&](std::size_t part) {
    for_vectors(part * chunk, (std::min)(count, (part + 1) * chunk), body);
  });
}

inline constexpr std::size_t sum_parts = 64;

/// The sum of term(part) over sum_parts parts, on all threads if `count` values are worth it, always
/// added up in the same order.
template <class Term>
double sum_of_parts(std::size_t count, const Term& term) {
  std::array<double, sum_parts> sums;
  for_parts(sum_parts, count, [&](std::size_t part) { sums[part] = term(part); });
  double total = 0.0;
  for (const double sum : sums)
    total += sum;
  return total;
}

/// The sum of term(i, access), a vector of values, over an array of `count` values: short runs in
/// float, the rest in double, always in the same order.
template <class Term>
double sum_all_vectors(std::size_t count, const Term& term) {
  constexpr auto step = static_cast<std::size_t>(lanes);
  constexpr std::size_t run = 32 * step;
  const std::size_t part_size = (count + sum_parts * run - 1) / (sum_parts * run) * run;
  return sum_of_parts(count, [&](std::size_t part) {
    double total = 0.0;
    const std::size_t end = (std::min)(count, (part + 1) * part_size);
    for (std::size_t begin = part * part_size; begin < end; begin += run) {
      Vec sum = broadcast(0.0F);
      for_vectors(begin, (std::min)(end, begin + run),
                  [&](std::size_t i, auto access) { sum = sum + access.kept(term(i, access)); });
      alignas(64) std::array<float, step> values;
      store(values.data(), sum);
      for (const float value : values)
        total += static_cast<double>(value);
    }
    return total;
  });
}

}  // namespace lamina::inline LAMINA_ISA
