// SPDX-License-Identifier: MIT
#pragma once
// Functions that run on the host and, where nvcc compiles them, in a device's kernels too; and the bodies of
// kernels, which run on the device alone where there is one.

#if defined(__CUDACC__)
#define LAMINA_HOST_DEVICE __host__ __device__
#define LAMINA_KERNEL __device__
#else
#define LAMINA_HOST_DEVICE
#define LAMINA_KERNEL
#endif
