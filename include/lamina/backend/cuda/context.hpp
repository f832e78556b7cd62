// SPDX-License-Identifier: MIT
#pragma once
// What all models on a GPU share: one stream, in whose order everything happens, and memory. One thread at
// a time may use them. A thread works on one GPU: the current one of CUDA, unless it is told to use another.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <mutex>
#include <string>

#include "lamina/backend/cuda/errors.hpp"
#include "lamina/backend/cuda/graph.hpp"
#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"

namespace lamina {

/// How products are computed, with sums in float32: of float32; the same with 10 bits of each factor's fraction;
/// of bfloat16.
enum class CudaMath { fp32, tf32, bf16 };

}  // namespace lamina

namespace lamina::inline LAMINA_ISA {

class MatrixProducts;
class Convolutions;

class CudaContext {
 public:
  /// This thread's. errors run: NoCudaDevice
  static CudaContext& get() {
    if (current_ == nullptr) {
      int device = 0;
      static_cast<void>(devices());
      cuda_calls::check(cudaGetDevice(&device), "cudaGetDevice");
      current_ = &of(device);
    }
    return *current_;
  }
  /// From here on this thread works on another device.
  static void use(int device) {
    cuda_calls::check(cudaSetDevice(device), "cudaSetDevice");
    current_ = &of(device);
  }
  /// How many there are. errors run: NoCudaDevice
  static std::size_t devices() {
    int count = 0;
    cuda_calls::check(cudaGetDeviceCount(&count), "cudaGetDeviceCount");
    cuda_calls::check(count > 0 ? cudaSuccess : cudaErrorNoDevice, "cudaGetDeviceCount");
    return static_cast<std::size_t>(count);
  }
  /// What the driver calls a device. errors run: NoCudaDevice; there are not so many
  static std::string name(std::size_t device) {
    const std::size_t count = devices();
    require(device < count, "asked for the name of GPU number ", device,
            ", counted from 0, and this program may use ", count);
    cudaDeviceProp properties{};
    cuda_calls::check(cudaGetDeviceProperties(&properties, static_cast<int>(device)),
                      "cudaGetDeviceProperties");
    return properties.name;
  }

  /// Lets devices 0 ... count - 1 read and write this one's memory, where the machine can do that: NCCL, between
  /// devices of one program, reads what is to be summed where it lies.
  void open_to(std::size_t count) {
    for (int other = 0; other < static_cast<int>(count); ++other) {
      int can = 0;
      if (other != device_)
        cuda_calls::check(cudaDeviceCanAccessPeer(&can, other, device_), "cudaDeviceCanAccessPeer");
      cudaMemAccessDesc access{};
      access.location = {cudaMemLocationTypeDevice, other};
      access.flags = cudaMemAccessFlagsProtReadWrite;
      if (can != 0)
        cuda_calls::check(cudaMemPoolSetAccess(pool_, &access, 1), "cudaMemPoolSetAccess");
    }
  }

  // The libraries, once they are in use.
  MatrixProducts* matrix_products = nullptr;
  Convolutions* convolutions = nullptr;

  cudaStream_t stream() const { return stream_; }

  /// How products of float32 are computed, on all devices: fp32 or tf32.
  static CudaMath math() { return math_; }
  static void set_math(CudaMath math) { math_ = math; }

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
  /// Never destroyed: what is static in a program may outlive it, and the driver is gone by then.
  static CudaContext& of(int device) {
    static std::mutex in_use;
    static std::map<int, CudaContext*>& contexts = *new std::map<int, CudaContext*>;
    const std::lock_guard lock(in_use);
    CudaContext*& context = contexts[device];
    if (context == nullptr) context = new CudaContext(device);
    return *context;
  }
  /// Of CUDA's current device.
  explicit CudaContext(int device) : device_(device) {
    using cuda_calls::check;
    check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
    // What is released is kept for the next one that asks.
    check(cudaDeviceGetDefaultMemPool(&pool_, device), "cudaDeviceGetDefaultMemPool");
    std::uint64_t keep = (std::numeric_limits<std::uint64_t>::max)();
    check(cudaMemPoolSetAttribute(pool_, cudaMemPoolAttrReleaseThreshold, &keep),
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

  inline static thread_local CudaContext* current_ = nullptr;
  inline static CudaMath math_ = CudaMath::fp32;

  int device_;
  cudaMemPool_t pool_ = nullptr;
  cudaStream_t stream_ = nullptr;
  CudaGraph* graph_ = nullptr;
  Block scratch_, labels_, workspace_;
};

}  // namespace lamina::inline LAMINA_ISA
