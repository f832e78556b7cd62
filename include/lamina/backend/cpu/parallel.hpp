// SPDX-License-Identifier: MIT
#pragma once
// The one way in which kernels use threads: a number of items is cut into one contiguous range
// per thread of OpenMP's pool. What an item computes never depends on the cut.

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

/// Calls body(first, last) so that the calls together cover [0, items).
template <class Body>
void parallel_ranges(std::ptrdiff_t items, double operations, const Body& body) {
  const int threads = threads_for(operations);
  if (threads == 1 || items <= 1) {
    if (items > 0) body(std::ptrdiff_t{0}, items);
    return;
  }
#pragma omp parallel num_threads(threads)
  {
    const std::ptrdiff_t count = omp_get_num_threads();
    const std::ptrdiff_t index = omp_get_thread_num();
    const std::ptrdiff_t first = items * index / count;
    const std::ptrdiff_t last = items * (index + 1) / count;
    if (first < last) body(first, last);
  }
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
