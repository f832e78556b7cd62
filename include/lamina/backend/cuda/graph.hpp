// SPDX-License-Identifier: MIT
#pragma once
// A recorded step as a CUDA graph, whose kernels' arguments can be changed.

#include <cstddef>
#include <vector>

#include "lamina/backend/cuda/errors.hpp"
#include "lamina/backend/device/recording.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

class CudaGraph {
 public:
  CudaGraph() {
    void* memory = nullptr;
    cuda_calls::check(cudaHostAlloc(&memory, Recording::figure_room, cudaHostAllocDefault),
                      "cudaHostAlloc");
    slots_ = static_cast<std::byte*>(memory);
  }
  CudaGraph(const CudaGraph&) = delete;
  CudaGraph& operator=(const CudaGraph&) = delete;
  ~CudaGraph() {
    static_cast<void>(cudaDeviceSynchronize());  // it may still run
    if (executable_ != nullptr) static_cast<void>(cudaGraphExecDestroy(executable_));
    if (graph_ != nullptr) static_cast<void>(cudaGraphDestroy(graph_));
    static_cast<void>(cudaFreeHost(slots_));
  }

  Recording& recording() { return recording_; }
  /// Where the device writes figures.
  std::byte* slots() { return slots_; }

  void begin(cudaStream_t stream) {
    recording_.begin();
    // Of this thread alone: another one may go on loading data.
    if (!recording_.complete())
      cuda_calls::check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal),
                        "cudaStreamBeginCapture");
  }
  void run(cudaStream_t stream) {
    if (!recording_.complete()) {
      cuda_calls::check(cudaStreamEndCapture(stream, &graph_), "cudaStreamEndCapture");
      cuda_calls::check(cudaGraphInstantiate(&executable_, graph_, 0), "cudaGraphInstantiate");
    }
    recording_.end();
    for (const Recording::Upload& upload : recording_.uploads())
      cuda_calls::check(cudaMemcpyAsync(upload.to, upload.bytes.data(), upload.bytes.size(),
                                        cudaMemcpyHostToDevice, stream),
                        "cudaMemcpyAsync");
    cuda_calls::check(cudaGraphLaunch(executable_, stream), "cudaGraphLaunch");
  }
  /// Of a step that did not come to its end.
  void drop(cudaStream_t stream) noexcept {
    if (recording_.complete() || graph_ != nullptr) return;
    static_cast<void>(cudaStreamEndCapture(stream, &graph_));
    static_cast<void>(cudaGetLastError());
  }

  /// The node of the operation that the stream captured last belongs to the recording's last operation.
  void add_node(cudaStream_t stream) {
    cudaStreamCaptureStatus status{};
    const cudaGraphNode_t* last = nullptr;
    std::size_t count = 0;
    cuda_calls::check(
        cudaStreamGetCaptureInfo(stream, &status, nullptr, nullptr, &last, nullptr, &count),
        "cudaStreamGetCaptureInfo");
    nodes_.resize(recording_.number() + 1);
    nodes_.back() = count == 1 ? last[0] : nullptr;
  }
  /// Gives the kernel of the recording's last operation other arguments.
  void change(const cudaKernelNodeParams& parameters) {
    cuda_calls::check(
        cudaGraphExecKernelNodeSetParams(executable_, nodes_.at(recording_.number()), &parameters),
        "cudaGraphExecKernelNodeSetParams");
  }

 private:
  Recording recording_;
  cudaGraph_t graph_ = nullptr;
  cudaGraphExec_t executable_ = nullptr;
  std::vector<cudaGraphNode_t> nodes_;  ///< of each operation that is a kernel
  std::byte* slots_ = nullptr;
};

}  // namespace lamina::inline LAMINA_ISA
