// SPDX-License-Identifier: MIT
#pragma once
// The one thread knob: OpenMP's own pool. Results do not depend on it.

#include <omp.h>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

/// How many threads the next operations use (OMP_NUM_THREADS at the start).
inline int num_threads() {
  return omp_get_max_threads();
}

/// Uses `count` threads from here on, in this thread's parallel regions.
/// errors run: count < 1
inline void set_num_threads(int count) {
  require(count >= 1, "the number of threads must be at least 1, got ", count);
  omp_set_num_threads(count);
}

}  // namespace lamina::inline LAMINA_ISA
