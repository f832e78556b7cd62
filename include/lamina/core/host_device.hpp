// SPDX-License-Identifier: MIT
#pragma once
// Functions that run on the host and, where nvcc compiles them, in a device's kernels too.

#if defined(__CUDACC__)
#define LAMINA_HOST_DEVICE __host__ __device__
#else
#define LAMINA_HOST_DEVICE
#endif
