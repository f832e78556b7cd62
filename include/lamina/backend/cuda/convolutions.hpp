// SPDX-License-Identifier: MIT
#pragma once
// Convolutions by cuDNN, channels-last, with the fastest algorithm that cuDNN expects of those whose
// repetitions have the same bits. What it needs to know of a convolution is worked out once.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>

#include "lamina/backend/cuda/context.hpp"
#include "lamina/backend/cuda/errors.hpp"
#include "lamina/backend/cuda/matrix_products.hpp"
#include "lamina/backend/device/products.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

namespace cuda_calls {

/// A convolution as cuDNN is told of it. They are kept as long as the program runs.
struct ConvolutionDescriptors {
  cudnnTensorDescriptor_t x, y;
  cudnnFilterDescriptor_t filter;
  cudnnConvolutionDescriptor_t convolution;
};

inline cudnnTensorDescriptor_t describe_images(cudnnDataType_t type, std::size_t images,
                                               int channels, int height, int width) {
  cudnnTensorDescriptor_t result = nullptr;
  check(cudnnCreateTensorDescriptor(&result), "cudnnCreateTensorDescriptor");
  check(cudnnSetTensor4dDescriptor(result, CUDNN_TENSOR_NHWC, type, static_cast<int>(images),
                                   channels, height, width),
        "cudnnSetTensor4dDescriptor");
  return result;
}

inline ConvolutionDescriptors describe(const Convolution& c, CudaMath math) {
  const WindowGeometry& g = c.window;
  const cudnnDataType_t type = math == CudaMath::bf16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT;
  ConvolutionDescriptors result{
      describe_images(type, c.images, g.big_channels, g.big_height, g.big_width),
      describe_images(type, c.images, g.small_channels, g.small_height, g.small_width), nullptr,
      nullptr};
  check(cudnnCreateFilterDescriptor(&result.filter), "cudnnCreateFilterDescriptor");
  check(cudnnSetFilter4dDescriptor(result.filter, type, CUDNN_TENSOR_NHWC, g.small_channels,
                                   g.big_channels, g.kernel, g.kernel),
        "cudnnSetFilter4dDescriptor");
  check(cudnnCreateConvolutionDescriptor(&result.convolution), "cudnnCreateConvolutionDescriptor");
  check(cudnnSetConvolution2dDescriptor(result.convolution, g.padding, g.padding, g.stride,
                                        g.stride, 1, 1, CUDNN_CROSS_CORRELATION, CUDNN_DATA_FLOAT),
        "cudnnSetConvolution2dDescriptor");
  // The default may use TF32.
  check(cudnnSetConvolutionMathType(result.convolution,
                                    math == CudaMath::fp32 ? CUDNN_FMA_MATH : CUDNN_TENSOR_OP_MATH),
        "cudnnSetConvolutionMathType");
  return result;
}

/// An algorithm of one of cuDNN's three families, and the memory it works in.
template <class Algorithm>
struct Chosen {
  Algorithm algorithm;
  std::size_t workspace;
};

/// The first of cuDNN's offers, which are in the order of the time it expects, that repeats its bits, does with
/// reasonable memory and keeps all bits of float32 where these are multiplied.
template <class Algorithm, class Offer, std::size_t Most>
std::optional<Chosen<Algorithm>> choose(const std::array<Offer, Most>& offers, int count,
                                        CudaMath math) {
  constexpr std::size_t most_workspace = std::size_t{1} << 30;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const Offer& offer = offers[i];
    const bool rounds = offer.mathType == CUDNN_TENSOR_OP_MATH ||
                        offer.mathType == CUDNN_TENSOR_OP_MATH_ALLOW_CONVERSION;
    if (offer.status == CUDNN_STATUS_SUCCESS && offer.determinism == CUDNN_DETERMINISTIC &&
        offer.memory <= most_workspace && (math != CudaMath::fp32 || !rounds))
      return Chosen<Algorithm>{offer.algo, offer.memory};
  }
  return std::nullopt;
}

/// Whether cuDNN has no code for what it was asked: a thousand of its numbers are one kind of error.
constexpr bool is_not_supported(cudnnStatus_t status) {
  return static_cast<int>(status) / 1000 == static_cast<int>(CUDNN_STATUS_NOT_SUPPORTED) / 1000;
}

}  // namespace cuda_calls

/// y = x * filter, the way back to x, and the gradient of the filter.
enum class ConvolutionPass { forward, data, filter };

class Convolutions {
 public:
  /// This thread's device's.
  static Convolutions& get() {
    Convolutions*& convolutions = CudaContext::get().convolutions;
    if (convolutions == nullptr) convolutions = new Convolutions;
    return *convolutions;
  }

  /// Whether cuDNN has an algorithm to use for this, as far as is known.
  bool offers(ConvolutionPass pass, const Convolution& convolution, CudaMath math,
              const std::array<const void*, 3>& pointers) {
    const Plan& plan = plan_of(convolution, math);
    const bool chosen = pass == ConvolutionPass::forward ? plan.forward.has_value()
                        : pass == ConvolutionPass::data  ? plan.data.has_value()
                                                         : plan.gradient.has_value();
    return chosen && are_aligned(pointers);
  }

  // Each returns false, and has done nothing, where it turns out to have none.

  bool forward(const Convolution& convolution, CudaMath math, const void* x, const void* filter,
               void* y) {
    Plan& plan = plan_of(convolution, math);
    return run(plan.forward, "cudnnConvolutionForward", convolution.window,
               [&](const auto& chosen, void* memory) {
                 return cudnnConvolutionForward(handle_, &one, plan.x, x, plan.filter, filter,
                                                plan.convolution, chosen.algorithm, memory,
                                                chosen.workspace, &zero, plan.y, y);
               });
  }
  bool data(const Convolution& convolution, CudaMath math, const void* filter, const void* y,
            void* x) {
    Plan& plan = plan_of(convolution, math);
    return run(plan.data, "cudnnConvolutionBackwardData", convolution.window,
               [&](const auto& chosen, void* memory) {
                 return cudnnConvolutionBackwardData(handle_, &one, plan.filter, filter, plan.y, y,
                                                     plan.convolution, chosen.algorithm, memory,
                                                     chosen.workspace, &zero, plan.x, x);
               });
  }
  /// Added to a gradient of float32; one of bfloat16 is overwritten.
  bool filter(const Convolution& convolution, CudaMath math, const void* x, const void* dy,
              void* gradient) {
    Plan& plan = plan_of(convolution, math);
    const float& kept = math == CudaMath::bf16 ? zero : one;
    return run(plan.gradient, "cudnnConvolutionBackwardFilter", convolution.window,
               [&](const auto& chosen, void* memory) {
                 return cudnnConvolutionBackwardFilter(
                     handle_, &one, plan.x, x, plan.y, dy, plan.convolution, chosen.algorithm,
                     memory, chosen.workspace, &kept, plan.filter, gradient);
               });
  }

 private:
  static constexpr float zero = 0.0F, one = 1.0F;

  using Key = std::array<std::size_t, 11>;

  struct Plan : cuda_calls::ConvolutionDescriptors {
    std::optional<cuda_calls::Chosen<cudnnConvolutionFwdAlgo_t>> forward;
    std::optional<cuda_calls::Chosen<cudnnConvolutionBwdDataAlgo_t>> data;
    std::optional<cuda_calls::Chosen<cudnnConvolutionBwdFilterAlgo_t>> gradient;
  };

  Convolutions() {
    CudaContext& context = CudaContext::get();
    cuda_calls::check(cudnnCreate(&handle_), "cudnnCreate");
    cuda_calls::check(cudnnSetStream(handle_, context.stream()), "cudnnSetStream");
  }

  /// Runs the algorithm that was chosen, if there is one and cuDNN has code for it after all.
  template <class Algorithm, class Call>
  static bool run(std::optional<cuda_calls::Chosen<Algorithm>>& chosen, const char* name,
                  const WindowGeometry& g, const Call& call) {
    if (!chosen) return false;
    void* const memory =
        chosen->workspace == 0 ? nullptr : CudaContext::get().workspace(chosen->workspace);
    const cudnnStatus_t status = call(*chosen, memory);
    if (cuda_calls::is_not_supported(status)) {
      chosen.reset();
      say_plain(name, g);
      return false;
    }
    cuda_calls::check(status, name);
    return true;
  }

  /// LAMINA_QUIET in the environment forbids it.
  static void say_plain(const char* name, const WindowGeometry& g) {
    if (std::getenv("LAMINA_QUIET") != nullptr) return;
    std::cerr << "lamina: " << name << " has no deterministic algorithm for a window of "
              << g.kernel << " with stride " << g.stride << " and padding " << g.padding
              << " between images of (" << g.big_channels << ", " << g.big_height << ", "
              << g.big_width << ") and (" << g.small_channels << ", " << g.small_height << ", "
              << g.small_width << "); a plain kernel does it, slowly\n";
  }

  /// cuDNN reads 16 bytes at a time; a batch that begins in the middle of another may not allow that.
  static bool are_aligned(const std::array<const void*, 3>& pointers) {
    for (const void* pointer : pointers)
      if (reinterpret_cast<std::uintptr_t>(pointer) % 16 != 0) return false;
    return true;
  }

  Plan& plan_of(const Convolution& c, CudaMath math) {
    const WindowGeometry& g = c.window;
    const auto number = [](int value) { return static_cast<std::size_t>(value); };
    const Key key{static_cast<std::size_t>(math),
                  c.images,
                  number(g.big_height),
                  number(g.big_width),
                  number(g.big_channels),
                  number(g.small_height),
                  number(g.small_width),
                  number(g.small_channels),
                  number(g.kernel),
                  number(g.stride),
                  number(g.padding)};
    auto found = plans_.find(key);
    if (found == plans_.end()) found = plans_.emplace(key, make_plan(c, math)).first;
    return found->second;
  }

  Plan make_plan(const Convolution& c, CudaMath math) const {
    using cuda_calls::check;
    const WindowGeometry& g = c.window;
    Plan plan{cuda_calls::describe(c, math), {}, {}, {}};
    constexpr int most = 8;
    int count = 0;
    std::array<cudnnConvolutionFwdAlgoPerf_t, most> forward{};
    check(cudnnGetConvolutionForwardAlgorithm_v7(handle_, plan.x, plan.filter, plan.convolution,
                                                 plan.y, most, &count, forward.data()),
          "cudnnGetConvolutionForwardAlgorithm_v7");
    plan.forward = cuda_calls::choose<cudnnConvolutionFwdAlgo_t>(forward, count, math);
    std::array<cudnnConvolutionBwdDataAlgoPerf_t, most> data{};
    check(cudnnGetConvolutionBackwardDataAlgorithm_v7(
              handle_, plan.filter, plan.y, plan.convolution, plan.x, most, &count, data.data()),
          "cudnnGetConvolutionBackwardDataAlgorithm_v7");
    plan.data = cuda_calls::choose<cudnnConvolutionBwdDataAlgo_t>(data, count, math);
    std::array<cudnnConvolutionBwdFilterAlgoPerf_t, most> gradient{};
    check(cudnnGetConvolutionBackwardFilterAlgorithm_v7(handle_, plan.x, plan.y, plan.convolution,
                                                        plan.filter, most, &count, gradient.data()),
          "cudnnGetConvolutionBackwardFilterAlgorithm_v7");
    plan.gradient = cuda_calls::choose<cudnnConvolutionBwdFilterAlgo_t>(gradient, count, math);
    if (!plan.forward) say_plain("cudnnConvolutionForward", g);
    if (!plan.data) say_plain("cudnnConvolutionBackwardData", g);
    if (!plan.gradient) say_plain("cudnnConvolutionBackwardFilter", g);
    return plan;
  }

  cudnnHandle_t handle_ = nullptr;
  std::map<Key, Plan> plans_;
};

}  // namespace lamina::inline LAMINA_ISA
