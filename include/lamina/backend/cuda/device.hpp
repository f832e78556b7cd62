// SPDX-License-Identifier: MIT
#pragma once
// An NVIDIA GPU as a device: kernels, memory, cuBLASLt and cuDNN. For nvcc.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "lamina/backend/cuda/context.hpp"
#include "lamina/backend/cuda/convolutions.hpp"
#include "lamina/backend/cuda/errors.hpp"
#include "lamina/backend/cuda/matrix_products.hpp"
#include "lamina/backend/device/index.hpp"
#include "lamina/backend/device/plain_convolution.hpp"
#include "lamina/backend/device/products.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

namespace cuda_kernels {

inline constexpr unsigned threads = 256;

template <class Body>
__global__ void run_body(device_kernels::Index count, const Body body) {
  const std::uint64_t step = std::uint64_t{gridDim.x} * threads;
  for (std::uint64_t i = std::uint64_t{blockIdx.x} * threads + threadIdx.x; i < count; i += step)
    body(static_cast<device_kernels::Index>(i));
}

/// A block of threads for each group: each sums every so-manieth term, then they are added by halves.
template <class Sum, class Term, class Finish>
__global__ void run_reduction(device_kernels::Index length, const Term term, const Finish finish) {
  __shared__ Sum sums[threads];
  const device_kernels::Index group = blockIdx.x;
  Sum sum{};
  for (std::uint64_t i = threadIdx.x; i < length; i += threads)
    sum += term(group, static_cast<device_kernels::Index>(i));
  sums[threadIdx.x] = sum;
  for (unsigned half = threads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) sums[threadIdx.x] += sums[threadIdx.x + half];
  }
  if (threadIdx.x == 0) finish(group, sums[0]);
}

}  // namespace cuda_kernels

template <CudaMath Math>
struct CudaDevice {
  using Index = device_kernels::Index;

  /// errors run: NoCudaDevice
  static void prepare() { static_cast<void>(CudaContext::get()); }

  static void* allocate(std::size_t bytes) { return CudaContext::get().allocate(bytes); }
  static void release(void* memory) noexcept { CudaContext::get().release(memory); }

  static void copy(std::size_t bytes, const void* from, void* to) {
    copy_memory(bytes, from, to, cudaMemcpyDeviceToDevice);
  }
  static void copy_from_host(std::size_t bytes, const void* from, void* to) {
    copy_memory(bytes, from, to, cudaMemcpyHostToDevice);
  }
  static void copy_to_host(std::size_t bytes, const void* from, void* to) {
    copy_memory(bytes, from, to, cudaMemcpyDeviceToHost);
    CudaContext::get().wait();
  }

  static void* scratch(std::size_t bytes) { return CudaContext::get().scratch(bytes); }
  static const std::uint8_t* labels(std::size_t count, const std::uint8_t* from) {
    void* const memory = CudaContext::get().labels(count);
    copy_from_host(count, from, memory);
    return static_cast<const std::uint8_t*>(memory);
  }

  template <class Body>
  static void launch(std::size_t count, const Body& body) {
    if (count == 0) return;
    constexpr std::size_t most_blocks = std::size_t{1} << 20;
    const std::size_t blocks =
        (std::min)((count + cuda_kernels::threads - 1) / cuda_kernels::threads, most_blocks);
    cuda_kernels::run_body<<<static_cast<unsigned>(blocks), cuda_kernels::threads, 0,
                             CudaContext::get().stream()>>>(device_kernels::index(count), body);
    cuda_calls::check(cudaGetLastError(), "the launch of a kernel");
  }

  template <class Sum, class Term, class Finish>
  static void reduce(std::size_t groups, std::size_t length, const Term& term,
                     const Finish& finish) {
    if (groups == 0) return;
    cuda_kernels::run_reduction<Sum>
        <<<device_kernels::index(groups), cuda_kernels::threads, 0, CudaContext::get().stream()>>>(
            device_kernels::index(length), term, finish);
    cuda_calls::check(cudaGetLastError(), "the launch of a sum");
  }

  static void multiply(const RowMajorProduct& product, const float* a, const float* b, float* c) {
    MatrixProducts<Math>::get().multiply(product.b_first(), b, a, c);
  }

  static void convolution(const Convolution& convolution, const float* x, const float* filter,
                          float* y) {
    if (!Convolutions<Math>::get().forward(convolution, x, filter, y))
      PlainConvolution<CudaDevice>::forward(convolution, x, filter, y);
  }
  static void convolution_data(const Convolution& convolution, const float* filter, const float* y,
                               float* x) {
    if (!Convolutions<Math>::get().data(convolution, filter, y, x))
      PlainConvolution<CudaDevice>::data(convolution, filter, y, x);
  }
  static void convolution_filter(const Convolution& convolution, const float* x, const float* dy,
                                 float* gradient) {
    if (!Convolutions<Math>::get().filter(convolution, x, dy, gradient))
      PlainConvolution<CudaDevice>::filter(convolution, x, dy, gradient);
  }

 private:
  static void copy_memory(std::size_t bytes, const void* from, void* to, cudaMemcpyKind kind) {
    if (bytes == 0) return;
    cuda_calls::check(cudaMemcpyAsync(to, from, bytes, kind, CudaContext::get().stream()),
                      "cudaMemcpyAsync");
  }
};

}  // namespace lamina::inline LAMINA_ISA
