// SPDX-License-Identifier: MIT
#pragma once
// Large pages for large memory: kernels walk over buffers of many megabytes, and a processor remembers where only a
// few thousand small pages lie.

#include <cstddef>
#include <cstdint>

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace lamina {

/// Asks the system for huge pages behind memory that has not been touched yet, where there is enough of it. Linux
/// gives them on request in its usual setting (transparent_hugepage: madvise); elsewhere nothing changes.
inline void prefer_huge_pages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) {
#if defined(__linux__)
  constexpr std::size_t fewest_bytes = std::size_t{4} << 20;
  if (bytes < fewest_bytes) return;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t begin = (address + page - 1) / page * page;
  const std::uintptr_t end = (address + bytes) / page * page;
  ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

}  // namespace lamina
