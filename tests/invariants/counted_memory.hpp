// SPDX-License-Identifier: MIT
#pragma once
// Counts what this program takes from the heap: every operator new, aligned or not, is replaced in
// counted_memory_test.cpp, the one source of the program that defines them.

#include <cstddef>

// An address sanitizer brings a malloc of its own, of which mallinfo2 sees nothing.
#if defined(__SANITIZE_ADDRESS__)
#define LAMINA_TEST_SANITIZER_OWNS_MALLOC
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LAMINA_TEST_SANITIZER_OWNS_MALLOC
#endif
#endif

namespace support {

struct HeapUse {
  std::size_t allocations = 0;    ///< all calls since the start, of operator new in every form
  std::size_t aligned_bytes = 0;  ///< bytes held now from the aligned forms: lamina's Memory
};

/// The counts so far; safe to call from any thread.
HeapUse heap_use();

}  // namespace support
