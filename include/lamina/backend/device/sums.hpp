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

/// finish(column, the sum of term(row, column) over all rows). Neighbours in memory are summed by
/// neighbouring threads: part p has the rows p, p + parts, p + 2 parts, ...
template <class Device, class Term, class Finish>
void column_sums(std::size_t row_count, std::size_t column_count, const Term& term,
                 const Finish& finish) {
  constexpr std::size_t threads = 131'072;  // as many as fill a large device
  constexpr std::size_t least_rows = 8;
  const std::size_t most_parts =
      (std::max<std::size_t>)((row_count + least_rows - 1) / least_rows, 1);
  const std::size_t part_count =
      (std::clamp<std::size_t>)((threads + column_count - 1) / column_count, 1, most_parts);
  index(row_count * column_count);
  const Index rows = index(row_count), columns = index(column_count), parts = index(part_count);
  auto* const sums = static_cast<Pair*>(Device::scratch(part_count * columns * sizeof(Pair)));
  Device::launch(part_count * columns, [=] LAMINA_KERNEL(Index i) {
    Pair sum{0.0, 0.0};
    for (Index row = i / columns; row < rows; row += parts)
      sum += term(row, i % columns);
    sums[i] = sum;
  });
  Device::template reduce<Pair>(
      columns, parts,
      [=] LAMINA_KERNEL(Index column, Index part) { return sums[part * columns + column]; },
      finish);
}

/// The same over the rows of all replicas; of none, where there is no other. `sums` has room for one of each column.
template <class Device, class Term, class Finish>
void column_sums(Replica* replica, std::size_t row_count, std::size_t column_count, Pair* sums,
                 const Term& term, const Finish& finish) {
  if (replica == nullptr) return column_sums<Device>(row_count, column_count, term, finish);
  column_sums<Device>(row_count, column_count, term,
                      [=] LAMINA_KERNEL(Index column, const Pair& sum) { sums[column] = sum; });
  replica->all_reduce_sum(2 * column_count, &sums->first);
  Device::launch(column_count, [=] LAMINA_KERNEL(Index column) { finish(column, sums[column]); });
}

/// Whether the host goes on with a sum, or only shows it: a captured step has figures of an earlier one.
enum class Wanted { figure, now };

/// The sum of term(i) over i = 0 ... count - 1, brought to the host.
template <class Device, class Term>
double sum_of(std::size_t value_count, const Term& term, Wanted wanted = Wanted::figure) {
  constexpr std::size_t part_size = 4096;
  const std::size_t part_count =
      (std::clamp<std::size_t>)((value_count + part_size - 1) / part_size, 1, 1024);
  const Index count = index(value_count), parts = index(part_count);
  const Index length = index((value_count + part_count - 1) / part_count);
  auto* const sums = static_cast<double*>(Device::scratch((part_count + 1) * sizeof(double)));
  Device::template reduce<double>(
      parts, length,
      [=] LAMINA_KERNEL(Index part, Index i) {
        const Index at = part * length + i;
        return at < count ? term(at) : 0.0;
      },
      [=] LAMINA_KERNEL(Index part, double sum) { sums[part] = sum; });
  Device::template reduce<double>(
      1, parts, [=] LAMINA_KERNEL(Index, Index part) { return sums[part]; },
      [=] LAMINA_KERNEL(Index, double sum) { sums[parts] = sum; });
  double total = 0.0;
  if (wanted == Wanted::figure)
    Device::copy_figures(sizeof(double), sums + parts, &total);
  else
    Device::copy_to_host(sizeof(double), sums + parts, &total);
  return total;
}

}  // namespace device_kernels
}  // namespace lamina::inline LAMINA_ISA
