// SPDX-License-Identifier: MIT
#pragma once
// The one way in which kernels use threads: a number of items is cut into contiguous ranges, which the
// threads of OpenMP's pool take as they become free. What an item computes never depends on the cut.

#include <algorithm>
#include <atomic>
#include <cstddef>

#include <omp.h>

#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {
namespace cpu_kernels {

/// Below this many floating-point operations a parallel region costs more than it saves.
inline constexpr double worth_threads = 2e5;

/// How many threads would share work of this many floating-point operations.
inline int threads_for(double operations) {
  return operations < worth_threads || omp_in_parallel() ? 1 : omp_get_max_threads();
}

/// Calls body(first, last) so that the calls together cover [0, items). A range is half a thread's fair
/// share of what is left, but at least `least` (and one): few ranges, and all threads end at almost the same time.
template <class Body>
void parallel_ranges(std::ptrdiff_t items, double operations, const Body& body,
                     std::ptrdiff_t least = 1) {
  const int threads = threads_for(operations);
  least = (std::max)(least, std::ptrdiff_t{1});
  if (threads == 1 || items <= least) {
    if (items > 0) body(std::ptrdiff_t{0}, items);
    return;
  }
  std::atomic<std::ptrdiff_t> next{0};
#pragma omp parallel num_threads(threads)
  {
    const std::ptrdiff_t shares = std::ptrdiff_t{2} * omp_get_num_threads();
    std::ptrdiff_t first = 0;
    std::ptrdiff_t last = 0;
    const auto take = [&] {
      first = next.load(std::memory_order_relaxed);
      do {
        last = (std::min)(items, first + (std::max)(least, (items - first) / shares));
      } while (first < items &&
               !next.compare_exchange_weak(first, last, std::memory_order_relaxed));
      return first < items;
    };
    while (take())
      body(first, last);
  }
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
