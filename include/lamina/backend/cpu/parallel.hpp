// SPDX-License-Identifier: MIT
#pragma once
// The one way in which kernels use threads: a number of items is cut into contiguous ranges, which the
// threads of OpenMP's pool take from their own shares and, when these are done, from others'. What an item
// computes never depends on the cut.

#include <algorithm>
#include <array>
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

/// Consecutive items.
struct ItemRange {
  std::ptrdiff_t first, last;  // [first, last)
  bool empty() const { return first >= last; }
};

/// Items [0, items) in equal shares, from which threads take ranges.
class Shares {
 public:
  Shares(std::ptrdiff_t items, int count) : items_(items), count_((std::min)(count, most)) {
    for (int share = 0; share < count_; ++share)
      next_[static_cast<std::size_t>(share)].store(begin(share), std::memory_order_relaxed);
  }

  /// The next range of thread number `thread`, empty when nothing is left: half of what is left of a share, but at least
  /// `least`, so that there are few ranges and all threads end at almost the same time. The thread's own share comes
  /// first; `emptied` counts those that it has seen the end of, none in the beginning.
  ItemRange take(int thread, std::ptrdiff_t least, int& emptied) {
    for (; emptied < count_; ++emptied) {
      const int share = (thread + emptied) % count_;
      std::atomic<std::ptrdiff_t>& next = next_[static_cast<std::size_t>(share)];
      const std::ptrdiff_t end = begin(share + 1);
      std::ptrdiff_t first = next.load(std::memory_order_relaxed);
      while (first < end) {
        const std::ptrdiff_t size = (std::max)(least, (end - first + 1) / 2);
        const std::ptrdiff_t last = (std::min)(end, first + size);
        if (next.compare_exchange_weak(first, last, std::memory_order_relaxed))
          return {first, last};
      }
    }
    return {0, 0};
  }

 private:
  static constexpr int most = 64;  // more threads begin with the same ones

  std::ptrdiff_t begin(int share) const { return items_ * share / count_; }

  std::ptrdiff_t items_;
  int count_;
  std::array<std::atomic<std::ptrdiff_t>, most> next_;
};

/// Calls body(first, last) so that the calls together cover [0, items), in ranges of at least `least` items where so many
/// are left. A thread begins with the same items in each call that has as many: its caches may hold what they work on,
/// and to fetch it from another thread's takes long on a processor of several parts.
template <class Body>
void parallel_ranges(std::ptrdiff_t items, double operations, const Body& body,
                     std::ptrdiff_t least = 1) {
  const int threads = threads_for(operations);
  least = (std::max)(least, std::ptrdiff_t{1});
  if (threads == 1 || items <= least) {
    if (items > 0) body(std::ptrdiff_t{0}, items);
    return;
  }
  Shares shares(items, threads);
#pragma omp parallel num_threads(threads)
  {
    const int thread = omp_get_thread_num();
    int emptied = 0;
    for (ItemRange range = shares.take(thread, least, emptied); !range.empty();
         range = shares.take(thread, least, emptied))
      body(range.first, range.last);
  }
}

}  // namespace cpu_kernels
}  // namespace lamina::inline LAMINA_ISA
