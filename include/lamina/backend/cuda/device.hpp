// SPDX-License-Identifier: MIT
#pragma once
// An NVIDIA GPU as a device: kernels, memory, cuBLASLt and cuDNN. For nvcc.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <type_traits>

#include "lamina/backend/cuda/context.hpp"
#include "lamina/backend/cuda/convolutions.hpp"
#include "lamina/backend/cuda/errors.hpp"
#include "lamina/backend/cuda/graph.hpp"
#include "lamina/backend/cuda/matrix_products.hpp"
#include "lamina/backend/device/index.hpp"
#include "lamina/backend/device/plain_convolution.hpp"
#include "lamina/backend/device/products.hpp"
#include "lamina/backend/device/recording.hpp"
#include "lamina/core/bfloat16.hpp"
#include "lamina/core/isa.hpp"
#ifdef LAMINA_NCCL
#include "lamina/backend/cuda/replicas.hpp"
#endif

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

struct CudaDevice {
  using Index = device_kernels::Index;
#ifdef LAMINA_NCCL
  using Replicas = CudaReplicas;
#endif

  /// errors run: NoCudaDevice
  static void prepare() { static_cast<void>(CudaContext::get()); }

  static void* allocate(std::size_t bytes) { return CudaContext::get().allocate(bytes); }
  static void release(void* memory) noexcept { CudaContext::get().release(memory); }

  static void copy(std::size_t bytes, const void* from, void* to) {
    once("copy", {Recording::bytes_of(bytes), Recording::bytes_of(from), Recording::bytes_of(to)},
         [=] { copy_memory(bytes, from, to, cudaMemcpyDeviceToDevice); });
  }
  static void copy_from_host(std::size_t bytes, const void* from, void* to) {
    if (CudaGraph* const graph = CudaContext::get().graph())
      graph->recording().upload(bytes, from, to);
    else
      copy_memory(bytes, from, to, cudaMemcpyHostToDevice);
  }
  static void copy_to_host(std::size_t bytes, const void* from, void* to) {
    if (CudaContext::get().graph() != nullptr) Recording::refuse_to("bring values to the host");
    copy_memory(bytes, from, to, cudaMemcpyDeviceToHost);
    CudaContext::get().wait();
  }
  static void copy_figures(std::size_t bytes, const void* from, void* to) {
    CudaGraph* const graph = CudaContext::get().graph();
    if (graph == nullptr) return copy_to_host(bytes, from, to);
    void* const slot = graph->slots() + graph->recording().figure(bytes, to);
    once("figures",
         {Recording::bytes_of(bytes), Recording::bytes_of(from), Recording::bytes_of(slot)},
         [=] { copy_memory(bytes, from, slot, cudaMemcpyDeviceToHost); });
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
    enqueue(reinterpret_cast<const void*>(&cuda_kernels::run_body<Body>), blocks,
            device_kernels::index(count), body);
  }

  template <class Sum, class Term, class Finish>
  static void reduce(std::size_t groups, std::size_t length, const Term& term,
                     const Finish& finish) {
    if (groups == 0) return;
    enqueue(reinterpret_cast<const void*>(&cuda_kernels::run_reduction<Sum, Term, Finish>), groups,
            device_kernels::index(length), term, finish);
  }

  // Of floats or of BFloat16.

  template <class Value>
  static void multiply(const RowMajorProduct& product, const Value* a, const Value* b, float* c) {
    // Member by member: what lies between them is anything.
    once("matrix product",
         {Recording::bytes_of(math_of<Value>()), Recording::bytes_of(product.rows),
          Recording::bytes_of(product.columns), Recording::bytes_of(product.inner),
          Recording::bytes_of(product.transpose_a), Recording::bytes_of(product.transpose_b),
          Recording::bytes_of(product.accumulate), Recording::bytes_of(a), Recording::bytes_of(b),
          Recording::bytes_of(c)},
         [&] { MatrixProducts::get().multiply(product.b_first(), math_of<Value>(), b, a, c); });
  }

  template <class Value>
  static void convolution(const Convolution& convolution, const Value* x, const Value* filter,
                          Value* y) {
    library(
        ConvolutionPass::forward, convolution, x, filter, y,
        [&](CudaMath math) { return Convolutions::get().forward(convolution, math, x, filter, y); },
        [&] { PlainConvolution<CudaDevice>::forward(convolution, x, filter, y); });
  }
  template <class Value>
  static void convolution_data(const Convolution& convolution, const Value* filter, const Value* y,
                               Value* x) {
    library(
        ConvolutionPass::data, convolution, filter, y, x,
        [&](CudaMath math) { return Convolutions::get().data(convolution, math, filter, y, x); },
        [&] { PlainConvolution<CudaDevice>::data(convolution, filter, y, x); });
  }
  template <class Value>
  static void convolution_filter(const Convolution& convolution, const Value* x, const Value* dy,
                                 Value* gradient) {
    library(
        ConvolutionPass::filter, convolution, x, dy, gradient,
        [&](CudaMath math) {
          return Convolutions::get().filter(convolution, math, x, dy, gradient);
        },
        [&] { PlainConvolution<CudaDevice>::filter(convolution, x, dy, gradient); });
  }

  // What CapturedStep asks for.

  using Graph = CudaGraph;

  /// What is asked for until run_step becomes the graph, or is compared with it.
  static void begin_step(CudaGraph& graph, bool with_figures) {
    CudaContext& context = CudaContext::get();
    if (with_figures && graph.recording().complete()) {
      context.wait();
      graph.recording().fetch(graph.slots());
    }
    graph.begin(context.stream());
    context.set_graph(&graph);
  }
  static void run_step(CudaGraph& graph) {
    CudaContext& context = CudaContext::get();
    context.set_graph(nullptr);
    graph.run(context.stream());
  }
  static void drop_step(CudaGraph& graph) noexcept {
    CudaContext& context = CudaContext::get();
    context.set_graph(nullptr);
    graph.drop(context.stream());
  }

 private:
  static void copy_memory(std::size_t bytes, const void* from, void* to, cudaMemcpyKind kind) {
    if (bytes == 0) return;
    cuda_calls::check(cudaMemcpyAsync(to, from, bytes, kind, CudaContext::get().stream()),
                      "cudaMemcpyAsync");
  }

  /// A kernel, launched or recorded.
  template <class... Arguments>
  static void enqueue(const void* kernel, std::size_t blocks, Arguments... arguments) {
    static_assert((std::is_trivially_copyable_v<Arguments> && ...));
    std::array<void*, sizeof...(Arguments)> pointers{&arguments...};
    const dim3 grid(device_kernels::index(blocks));
    CudaContext& context = CudaContext::get();
    const auto launch = [&] {
      cuda_calls::check(cudaLaunchKernel(kernel, grid, dim3(cuda_kernels::threads), pointers.data(),
                                         0, context.stream()),
                        "cudaLaunchKernel");
    };
    CudaGraph* const graph = context.graph();
    if (graph == nullptr) return launch();
    switch (graph->recording().next(
        kernel, {Recording::bytes_of(blocks), Recording::bytes_of(arguments)...})) {
      case Recording::Next::added:
        launch();
        graph->add_node(context.stream());
        break;
      case Recording::Next::same:
        break;
      case Recording::Next::changed: {
        cudaKernelNodeParams parameters{};
        parameters.func = const_cast<void*>(kernel);
        parameters.gridDim = grid;
        parameters.blockDim = dim3(cuda_kernels::threads);
        parameters.kernelParams = pointers.data();
        graph->change(parameters);
      }
    }
  }

  /// What cannot be changed once it is recorded.
  template <class Call>
  static void once(const char* kind, std::initializer_list<Recording::Bytes> arguments,
                   const Call& call) {
    CudaGraph* const graph = CudaContext::get().graph();
    if (graph == nullptr) return call();
    switch (graph->recording().next(kind, arguments)) {
      case Recording::Next::added:
        return call();
      case Recording::Next::same:
        return;
      case Recording::Next::changed:
        Recording::refuse("an operation on other memory than");
    }
  }

  template <class Value>
  static CudaMath math_of() {
    return std::is_same_v<Value, BFloat16> ? CudaMath::bf16 : CudaContext::get().math();
  }

  /// A convolution of cuDNN's, or, where it has none, of the plain kernel.
  template <class Value, class Call, class Plain>
  static void library(ConvolutionPass pass, const Convolution& convolution, const Value* first,
                      const Value* second, Value* result, const Call& call, const Plain& plain) {
    const CudaMath math = math_of<Value>();
    if (Convolutions::get().offers(pass, convolution, math, {first, second, result})) {
      bool done = true;
      once("convolution",
           {Recording::bytes_of(math), Recording::bytes_of(pass),
            Recording::bytes_of(convolution.window), Recording::bytes_of(convolution.images),
            Recording::bytes_of(first), Recording::bytes_of(second), Recording::bytes_of(result)},
           [&] { done = call(math); });
      if (done) return;
    }
    plain();
  }
};

}  // namespace lamina::inline LAMINA_ISA
