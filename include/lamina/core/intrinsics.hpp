// SPDX-License-Identifier: MIT
#pragma once
// The compiler's intrinsics, included before anybody else does, with two cures for g++ 12. It takes
// the operands that its own AVX-512 intrinsics leave undefined for uninitialised ones and warns about
// them wherever they are inlined. Unoptimised (and under nvcc) it makes macros of two intrinsics that
// xsimd 8.1 calls with arguments a macro does not convert.
// Without AVX those of SSE and AES do: all of them take longer to read than xsimd itself.

#if defined(__AVX__)
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#if defined(__AVX512BW__) && defined(_mm512_mask_blend_epi8) && defined(_mm512_mask_blend_epi16)
namespace lamina::detail {
inline __m512i blend_bytes(__mmask64 mask, __m512i a, __m512i b) {
  return _mm512_mask_blend_epi8(mask, a, b);
}
inline __m512i blend_words(__mmask32 mask, __m512i a, __m512i b) {
  return _mm512_mask_blend_epi16(mask, a, b);
}
}  // namespace lamina::detail
#undef _mm512_mask_blend_epi8
#undef _mm512_mask_blend_epi16
#define _mm512_mask_blend_epi8 ::lamina::detail::blend_bytes
#define _mm512_mask_blend_epi16 ::lamina::detail::blend_words
#endif
#elif defined(__x86_64__)
#include <nmmintrin.h>
#include <wmmintrin.h>
#endif
