// SPDX-License-Identifier: MIT
#pragma once
// Functions that run on the host and in a device's kernels too, and the bodies of kernels, which run on the device
// alone where there is one: where nvcc compiles with the flags of lamina::cuda. Without these all are the host's.

#if defined(__CUDACC_EXTENDED_LAMBDA__) && defined(__CUDACC_RELAXED_CONSTEXPR__)
#define LAMINA_HOST_DEVICE __host__ __device__
#define LAMINA_KERNEL __device__
#else
#define LAMINA_HOST_DEVICE
#define LAMINA_KERNEL
#endif
