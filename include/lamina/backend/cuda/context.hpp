// SPDX-License-Identifier: MIT
#pragma once
// What all models on the GPU share: one stream, in whose order everything happens, and memory. One thread at
// a time may use them.

#include <cstddef>
#include <cstdint>
#include <limits>

#include "lamina/backend/cuda/errors.hpp"
#include "lamina/backend/cuda/graph.hpp"
#include "lamina/core/isa.hpp"

namespace lamina {

/// How products are computed, with sums in float32: of float32; the same with 10 bits of each factor's fraction;
/// of bfloat16.
enum class CudaMath { fp32, tf32, bf16 };

}  // namespace lamina

namespace lamina::inline LAMINA_ISA {

class CudaContext {
 public:
  /// errors run: NoCudaDevice
  static CudaContext& get() {
    // Never destroyed: what is static in a program may outlive it, and the driver is gone by then.
    static CudaContext& context = *new CudaContext;
    return context;
  }

  cudaStream_t stream() const { return stream_; }

  /// How products of float32 are computed: fp32 or tf32.
  CudaMath math() const { return math_; }
  void set_math(CudaMath math) { math_ = math; }

  /// The graph of the step that is being recorded or compared with its record; null outside of one.
  CudaGraph* graph() const { return graph_; }
  void set_graph(CudaGraph* graph) { graph_ = graph; }

  /// Zeroed. errors run: CudaError, which says what is free
  void* allocate(std::size_t bytes) {
    if (graph_ != nullptr) Recording::refuse_to("allocate memory");
    void* memory = nullptr;
    if (const cudaError_t status = cudaMallocAsync(&memory, bytes, stream_);
        status == cudaErrorMemoryAllocation) {
      static_cast<void>(cudaGetLastError());
      std::size_t free = 0, total = 0;
      cuda_calls::check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
      throw CudaError(cuda_calls::out_of_memory(bytes, free, total));
    } else {
      cuda_calls::check(status, "cudaMallocAsync");
    }
    cuda_calls::check(cudaMemsetAsync(memory, 0, bytes, stream_), "cudaMemsetAsync");
    return memory;
  }
  /// An error here was one of an operation before it, which the next call reports.
  void release(void* memory) noexcept { static_cast<void>(cudaFreeAsync(memory, stream_)); }

  void wait() const {
    if (graph_ != nullptr) Recording::refuse_to("wait for the device");
    cuda_calls::check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize");
  }

  // Memory that grows with what is asked for.
  void* scratch(std::size_t bytes) { return grown(scratch_, bytes); }
  void* labels(std::size_t bytes) { return grown(labels_, bytes); }
  /// For the libraries. What was too small stays, as recorded steps may use it.
  void* workspace(std::size_t bytes) {
    if (bytes > workspace_.size) workspace_ = {allocate(bytes), bytes};
    return workspace_.memory;
  }

 private:
  CudaContext() {
    using cuda_calls::check;
    int devices = 0;
    check(cudaGetDeviceCount(&devices), "cudaGetDeviceCount");
    check(devices > 0 ? cudaSuccess : cudaErrorNoDevice, "cudaGetDeviceCount");
    int device = 0;
    check(cudaGetDevice(&device), "cudaGetDevice");
    check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
    // What is released is kept for the next one that asks.
    cudaMemPool_t pool = nullptr;
    check(cudaDeviceGetDefaultMemPool(&pool, device), "cudaDeviceGetDefaultMemPool");
    std::uint64_t keep = (std::numeric_limits<std::uint64_t>::max)();
    check(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &keep),
          "cudaMemPoolSetAttribute");
  }

  struct Block {
    void* memory = nullptr;
    std::size_t size = 0;
  };
  void* grown(Block& block, std::size_t bytes) {
    if (bytes > block.size) {
      const Block larger{allocate(bytes), bytes};
      if (block.memory != nullptr) release(block.memory);
      block = larger;
    }
    return block.memory;
  }

  cudaStream_t stream_ = nullptr;
  CudaMath math_ = CudaMath::fp32;
  CudaGraph* graph_ = nullptr;
  Block scratch_, labels_, workspace_;
};

}  // namespace lamina::inline LAMINA_ISA
