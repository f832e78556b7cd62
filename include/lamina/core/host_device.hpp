// SPDX-License-Identifier: MIT
#pragma once
// Functions that run on the host and in a device's kernels too, where nvcc compiles them with the flags of
// lamina::cuda (kernels that are lambdas and call constexpr functions). For nvcc without these flags they are the host's.

#if defined(__CUDACC_EXTENDED_LAMBDA__) && defined(__CUDACC_RELAXED_CONSTEXPR__)
#define LAMINA_HOST_DEVICE __host__ __device__
#else
#define LAMINA_HOST_DEVICE
#endif
