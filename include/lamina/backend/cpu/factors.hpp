// SPDX-License-Identifier: MIT
#pragma once
// What the micro tiles multiply: floats, or pairs of bfloat16, each pair in the place of one float. Everything
// around the tiles moves 32 bits at a time and does not know which.

#include <bit>
#include <cstdint>

#include "lamina/backend/cpu/simd.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

/// sum + x * y.
struct Float32Factors {
  static Vec multiply_add(const Vec& x, const Vec& y, const Vec& sum) { return fmadd(x, y, sum); }
};

/// (sum + second x * second y) + first x * first y, each sum rounded to float, as vdpbf16ps does it; products of
/// two bfloat16 are exact. Of a pair the first is the lower half. Without that instruction numbers below 2^-126 are
/// not made zero.
/// ref    Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, VDPBF16PS
struct BFloat16Pairs {
  static Vec multiply_add(const Vec& x, const Vec& y, const Vec& sum) {
#if defined(__AVX512BF16__)
    return Vec(_mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(x.data),
                                reinterpret_cast<__m512bh>(y.data)));
#else
    return fmadd(first_of(x), first_of(y), fmadd(second_of(x), second_of(y), sum));
#endif
  }

 private:
  using Bits = xsimd::batch<std::uint32_t>;

  static Vec first_of(const Vec& pairs) {
    return std::bit_cast<Vec>(std::bit_cast<Bits>(pairs) << 16);
  }
  static Vec second_of(const Vec& pairs) {
    return std::bit_cast<Vec>(std::bit_cast<Bits>(pairs) & Bits(0xFFFF0000U));
  }
};

}  // namespace lamina::inline LAMINA_ISA
