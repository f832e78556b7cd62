// SPDX-License-Identifier: MIT
#pragma once
// Sums on a device whose order depends on sizes alone, so that a repetition has the same bits. What is long
// is cut into parts; the sums of the parts lie in the device's scratch memory and are added in order.

#include <algorithm>
#include <cstddef>

#include "lamina/backend/device/index.hpp"
#include "lamina/core/host_device.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/core/replica.hpp"
#include "lamina/core/static_value.hpp"

namespace lamina::inline LAMINA_ISA {
namespace device_kernels {

/// Two sums at once.
struct Pair {
  double first;
  double second;

  LAMINA_HOST_DEVICE Pair& operator+=(const Pair& other) {
    first += other.first;
    second += other.second;
    return *this;
  }
};

// Bodies of kernels that are built from others, which a lambda would name twice over: its type holds the whole
// signature of the function around it.

/// A part of the rows of a column: the sum of its terms.
template <StaticValue<int> Columns, class Term>
struct SumPart {
  Term term;
  Pair* sums;
  Index rows, parts;

  LAMINA_KERNEL void operator()(Index i) const {
    constexpr Index columns{Columns::value};
    Pair sum{0.0, 0.0};
    for (Index row = i / columns; row < rows; row += parts)
      sum += term(row, i % columns);
    sums[i] = sum;
  }
};

/// Sum number `i` of `sums`, of part number `part`.
template <class Sum>
struct PartOf {
  const Sum* sums;
  Index count;

  LAMINA_KERNEL Sum operator()(Index i, Index part) const { return sums[part * count + i]; }
};

/// Writes sum number `i` to `sums`.
template <class Sum>
struct Keep {
  Sum* sums;

  LAMINA_KERNEL void operator()(Index i, const Sum& sum) const { sums[i] = sum; }
};

/// Finishes with what was kept.
template <class Finish>
struct FinishKept {
  Finish finish;
  const Pair* sums;

  LAMINA_KERNEL void operator()(Index i) const { finish(i, sums[i]); }
};

/// finish(column, the sum of term(row, column) over all rows). Neighbours in memory are summed by
/// neighbouring threads: part p has the rows p, p + parts, p + 2 parts, ...
template <class Device, StaticValue<int> Columns, class Term, class Finish>
void column_sums(std::size_t row_count, Columns, const Term& term, const Finish& finish) {
  constexpr Index columns{Columns::value};
  constexpr std::size_t threads = 131'072;  // as many as fill a large device
  constexpr std::size_t least_rows = 8;
  const std::size_t most_parts =
      (std::max<std::size_t>)((row_count + least_rows - 1) / least_rows, 1);
  const std::size_t part_count =
      (std::clamp<std::size_t>)((threads + columns - 1) / columns, 1, most_parts);
  index(row_count * columns);
  auto* const sums = static_cast<Pair*>(Device::scratch(part_count * columns * sizeof(Pair)));
  Device::launch(part_count * columns,
                 SumPart<Columns, Term>{term, sums, index(row_count), index(part_count)});
  Device::template reduce<Pair>(columns, part_count, PartOf<Pair>{sums, columns}, finish);
}

/// The same over the rows of all replicas; of none, where there is no other. `sums` has room for one of each column.
template <class Device, StaticValue<int> Columns, class Term, class Finish>
void column_sums(Replica* replica, std::size_t row_count, Columns columns, Pair* sums,
                 const Term& term, const Finish& finish) {
  if (replica == nullptr) return column_sums<Device>(row_count, columns, term, finish);
  constexpr std::size_t column_count{Columns::value};
  column_sums<Device>(row_count, columns, term, Keep<Pair>{sums});
  replica->all_reduce_sum(2 * column_count, &sums->first);
  Device::launch(column_count, FinishKept<Finish>{finish, sums});
}

/// Whether the host goes on with a sum, or only shows it: a captured step has figures of an earlier one.
enum class Wanted { figure, now };

/// Sum number `part` of `count` terms: its term number i.
template <class Term>
struct TermOfPart {
  Term term;
  Index count, length;

  LAMINA_KERNEL double operator()(Index part, Index i) const {
    const Index at = part * length + i;
    return at < count ? term(at) : 0.0;
  }
};

/// The sum of term(i) over i = 0 ... count - 1, brought to the host.
template <class Device, class Term>
double sum_of(std::size_t value_count, const Term& term, Wanted wanted = Wanted::figure) {
  constexpr std::size_t part_size = 4096;
  const std::size_t part_count =
      (std::clamp<std::size_t>)((value_count + part_size - 1) / part_size, 1, 1024);
  const std::size_t length = (value_count + part_count - 1) / part_count;
  auto* const sums = static_cast<double*>(Device::scratch((part_count + 1) * sizeof(double)));
  double* const sum = sums + part_count;
  Device::template reduce<double>(part_count, length,
                                  TermOfPart<Term>{term, index(value_count), index(length)},
                                  Keep<double>{sums});
  Device::template reduce<double>(1, part_count, PartOf<double>{sums, 1}, Keep<double>{sum});
  double total = 0.0;
  if (wanted == Wanted::figure)
    Device::copy_figures(sizeof(double), sum, &total);
  else
    Device::copy_to_host(sizeof(double), sum, &total);
  return total;
}

}  // namespace device_kernels
}  // namespace lamina::inline LAMINA_ISA
