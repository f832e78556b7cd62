// SPDX-License-Identifier: MIT
#pragma once
// The instruction set this translation unit is compiled for, as a name. Code whose machine code
// depends on it lives in `namespace lamina::inline LAMINA_ISA`: objects built with different
// -march flags then keep their own copies and may be linked into one program.

#if defined(__AVX512F__) && defined(__AVX512BF16__)
#define LAMINA_ISA avx512_bf16
#define LAMINA_ISA_NAME "AVX-512 + BF16"
#elif defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && \
    defined(__AVX512VL__)
#define LAMINA_ISA avx512
#define LAMINA_ISA_NAME "AVX-512"
#elif defined(__AVX512F__)
#define LAMINA_ISA avx512f
#define LAMINA_ISA_NAME "AVX-512F"
#elif defined(__AVX2__) && defined(__FMA__)
#define LAMINA_ISA avx2_fma
#define LAMINA_ISA_NAME "AVX2 + FMA"
#elif defined(__AVX2__)
#define LAMINA_ISA avx2
#define LAMINA_ISA_NAME "AVX2"
#elif defined(__AVX__) && defined(__FMA__)
#define LAMINA_ISA avx_fma
#define LAMINA_ISA_NAME "AVX + FMA"
#elif defined(__AVX__)
#define LAMINA_ISA avx
#define LAMINA_ISA_NAME "AVX"
#elif defined(__SSE4_1__)
#define LAMINA_ISA sse4
#define LAMINA_ISA_NAME "SSE4"
#elif defined(__SSE2__)
#define LAMINA_ISA sse2
#define LAMINA_ISA_NAME "SSE2"
#elif defined(__aarch64__)
#define LAMINA_ISA neon
#define LAMINA_ISA_NAME "NEON"
#else
#define LAMINA_ISA scalar
#define LAMINA_ISA_NAME "scalar"
#endif

namespace lamina::inline LAMINA_ISA {

/// Whether most processors of this kind can do much more.
#if defined(__AVX__) || defined(__aarch64__)
inline constexpr bool slow_instruction_set = false;
#else
inline constexpr bool slow_instruction_set = true;
#endif

/// The name of the instruction set, for people.
constexpr const char* instruction_set() {
  return LAMINA_ISA_NAME;
}

/// Floats in one vector register, and how many such registers a kernel may plan with.
#if defined(__AVX512F__)
inline constexpr int vector_lanes = 16;
inline constexpr int vector_registers = 32;
#elif defined(__AVX__)
inline constexpr int vector_lanes = 8;
inline constexpr int vector_registers = 16;
#elif defined(__aarch64__)
inline constexpr int vector_lanes = 4;
inline constexpr int vector_registers = 32;
#elif defined(__SSE2__)
inline constexpr int vector_lanes = 4;
inline constexpr int vector_registers = 16;
#else
inline constexpr int vector_lanes = 1;
inline constexpr int vector_registers = 16;
#endif

}  // namespace lamina::inline LAMINA_ISA
