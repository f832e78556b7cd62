// SPDX-License-Identifier: MIT
#pragma once
// The compiler's intrinsics, included before anybody else does: g++ 12 takes the operands that its own
// AVX-512 intrinsics leave undefined for uninitialised ones and warns about them wherever they are
// inlined.

#if defined(__x86_64__)
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
#else
#include <immintrin.h>
#endif
#endif
