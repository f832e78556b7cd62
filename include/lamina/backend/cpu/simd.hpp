// SPDX-License-Identifier: MIT
#pragma once
// A thin layer over xsimd: the default vector of floats and the few operations kernels need.
// Where xsimd 8.1 falls short (no fused multiply-add and lane-wise zips with AVX-512), the
// operation is spelled out here.

#include <cstddef>
#include <cstring>

// clang-format off: xsimd must find the intrinsics included already
#include "lamina/core/intrinsics.hpp"

#include <xsimd/xsimd.hpp>
// clang-format on

#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

using Vec = xsimd::batch<float>;

inline constexpr int lanes = vector_lanes;
static_assert(Vec::size == lanes, "xsimd's default vector does not match LAMINA_ISA");

inline Vec broadcast(float value) {
  return Vec(value);
}
inline Vec load(const float* from) {
  return Vec::load_aligned(from);
}
inline Vec load_unaligned(const float* from) {
  return Vec::load_unaligned(from);
}
inline void store(float* to, const Vec& value) {
  value.store_aligned(to);
}
inline void store_unaligned(float* to, const Vec& value) {
  value.store_unaligned(to);
}

/// The vector, in a register from here on: g++ would otherwise load it again for every use, as the operand
/// of an instruction, where loads are what a kernel has too few of.
inline Vec held(Vec value) {
#if defined(__GNUC__) && defined(__AVX512F__)
  asm("" : "+v"(value.data));
#elif defined(__GNUC__) && defined(__SSE2__)
  asm("" : "+x"(value.data));
#endif
  return value;
}

/// The address, of which the compiler knows nothing from here on: what lies there is loaded again where it is
/// needed, and not kept in registers that a kernel has better uses for; nor is the address computed in another way.
template <class T>
[[gnu::always_inline]] inline T* forgotten(T* address) {
#if defined(__GNUC__)
  asm("" : "+r"(address));
#endif
  return address;
}

/// The variable lies in memory when this comes to it.
template <class T>
[[gnu::always_inline]] inline void keep_in_memory([[maybe_unused]] T& variable) {
#if defined(__GNUC__)
  asm volatile("" : "+m"(variable));
#endif
}

/// The same for what belongs to the loops around an innermost one, in front of that. g++ would keep addresses in vector
/// registers that the sums leave free, and an instruction that brings one back waits behind all the multiplications
/// that the same units are still to do.
template <class... T>
[[gnu::always_inline]] inline void keep_in_memory(T&... variables)
  requires(sizeof...(T) > 1)
{
  (keep_in_memory(variables), ...);
}

inline constexpr std::ptrdiff_t cache_line_floats = 16;

/// Asks for what lies there before it is needed. (Where g++ does not inline it at once, it takes the call for one
/// without an effect and drops it.)
[[gnu::always_inline]] inline void bring_near([[maybe_unused]] const float* address) {
#if defined(__GNUC__)
  __builtin_prefetch(address);
#endif
}

/// The same for what will be written.
[[gnu::always_inline]] inline void bring_near_to_write([[maybe_unused]] const float* address) {
#if defined(__GNUC__)
  __builtin_prefetch(address, 1);
#endif
}

/// As bring_near, but as far as the second cache: what is needed later must not drive out what is in use.
[[gnu::always_inline]] inline void bring_halfway([[maybe_unused]] const float* address) {
#if defined(__GNUC__)
  __builtin_prefetch(address, 0, 2);
#endif
}

/// The same for all of `count` floats from there on.
[[gnu::always_inline]] inline void bring_halfway(const float* first, std::ptrdiff_t count) {
  for (std::ptrdiff_t at = 0; at < count; at += cache_line_floats)
    bring_halfway(first + at);
}

/// Sums at zero.
template <std::size_t Rows, std::size_t Vectors>
[[gnu::always_inline]] inline void clear_sums(Vec (&sum)[Rows][Vectors]) {
#pragma GCC unroll 16
  for (std::size_t r = 0; r < Rows; ++r) {
#pragma GCC unroll 2
    for (std::size_t v = 0; v < Vectors; ++v)
      sum[r][v] = broadcast(0.0F);
  }
}

/// Vectors side by side in memory, held.
template <std::size_t Vectors>
[[gnu::always_inline]] inline void load_held(const float* from, Vec (&to)[Vectors]) {
#pragma GCC unroll 2
  for (std::size_t v = 0; v < Vectors; ++v)
    to[v] = held(load(from + v * static_cast<std::size_t>(lanes)));
}

/// x * y + z. Rounded once on every instruction set that has a fused multiply-add.
inline Vec fmadd(const Vec& x, const Vec& y, const Vec& z) {
#if defined(__AVX512F__)
  return Vec(_mm512_fmadd_ps(x, y, z));
#elif defined(__FMA__)
  return Vec(_mm256_fmadd_ps(x, y, z));
#elif defined(__aarch64__)
  return Vec(vfmaq_f32(z, x, y));
#else
  return x * y + z;
#endif
}

/// Between `low` and `high`; NaN stays NaN, which min and max may replace.
inline Vec clamped(const Vec& x, float low, float high) {
  const Vec least = xsimd::select(x < Vec(low), Vec(low), x);
  return xsimd::select(least > Vec(high), Vec(high), least);
}

#if defined(__AVX512F__)
/// A mask of the first `count` lanes.
inline __mmask16 first_lanes(int count) {
  return static_cast<__mmask16>((1U << static_cast<unsigned>(count)) - 1U);
}
#elif defined(__AVX__)
/// A mask of the first `count` lanes: sign bits where a lane is in use.
inline __m256i first_lanes(int count) {
  alignas(32) static constexpr int signs[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(signs + 8 - count));
}
#endif

/// The first `count` (0 ... lanes) floats; the other lanes are zero and their memory is not read.
inline Vec load_partial(const float* from, int count) {
#if defined(__AVX512F__)
  return Vec(_mm512_maskz_loadu_ps(first_lanes(count), from));
#elif defined(__AVX__)
  return Vec(_mm256_maskload_ps(from, first_lanes(count)));
#else
  alignas(16) float buffer[lanes] = {};
  std::memcpy(buffer, from, sizeof(float) * static_cast<std::size_t>(count));
  return load(buffer);
#endif
}

/// Writes the first `count` (0 ... lanes) lanes and nothing else.
inline void store_partial(float* to, const Vec& value, int count) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(to, first_lanes(count), value);
#elif defined(__AVX__)
  _mm256_maskstore_ps(to, first_lanes(count), value);
#else
  alignas(16) float buffer[lanes];
  store(buffer, value);
  std::memcpy(to, buffer, sizeof(float) * static_cast<std::size_t>(count));
#endif
}

/// a0 b0 a1 b1 ... of the lower halves.
inline Vec interleave_low(const Vec& a, const Vec& b) {
#if defined(__AVX512F__)
  const __m512i order = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  return Vec(_mm512_permutex2var_ps(a, order, b));
#elif defined(__AVX__)
  return Vec(_mm256_permute2f128_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b), 0x20));
#else
  return xsimd::zip_lo(a, b);
#endif
}

/// a0 b0 a1 b1 ... of the upper halves.
inline Vec interleave_high(const Vec& a, const Vec& b) {
#if defined(__AVX512F__)
  const __m512i order =
      _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  return Vec(_mm512_permutex2var_ps(a, order, b));
#elif defined(__AVX__)
  return Vec(_mm256_permute2f128_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b), 0x31));
#else
  return xsimd::zip_hi(a, b);
#endif
}

/// Transposes a square of lanes x lanes floats held in `lanes` vectors.
inline void transpose_square(Vec (&rows)[lanes]) {
  Vec mixed[lanes];
#pragma GCC unroll 4
  for (int width = 1; width < lanes; width *= 2) {
#pragma GCC unroll 8
    for (int i = 0; i < lanes / 2; ++i) {
      mixed[2 * i] = interleave_low(rows[i], rows[i + lanes / 2]);
      mixed[2 * i + 1] = interleave_high(rows[i], rows[i + lanes / 2]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < lanes; ++i)
      rows[i] = mixed[i];
  }
}

/// Lane i of the result is the sum over the lanes of terms[i]. `terms` is used up.
inline Vec sum_each(Vec (&terms)[lanes]) {
#pragma GCC unroll 4
  for (int half = lanes / 2; half > 0; half /= 2) {
#pragma GCC unroll 8
    for (int i = 0; i < half; ++i) {
      terms[i] =
          interleave_low(terms[i], terms[i + half]) + interleave_high(terms[i], terms[i + half]);
    }
  }
  return terms[0];
}

}  // namespace lamina::inline LAMINA_ISA
