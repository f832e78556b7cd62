// SPDX-License-Identifier: MIT
#pragma once
// Every call of CUDA and its libraries goes through check: what failed becomes an exception that names the
// call, the reason and what to do.

#include <cstddef>
#include <stdexcept>
#include <string>

#include <cublasLt.h>
#include <cuda_runtime.h>
#include <cudnn.h>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"

namespace lamina {

/// A call of CUDA or of one of its libraries that failed.
class CudaError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// There is no GPU to run on, or no driver for it.
class NoCudaDevice : public CudaError {
 public:
  using CudaError::CudaError;
};

}  // namespace lamina

namespace lamina::inline LAMINA_ISA {
namespace cuda_calls {

/// A version as CUDA numbers it: 13000 is "13.0".
inline std::string version_text(int version) {
  return sentence(version / 1000, ".", version % 1000 / 10);
}

/// What to do about an error of the runtime. `driver` is the newest CUDA that the driver knows, 0 without one.
inline std::string advice(cudaError_t status, int driver) {
  switch (status) {
    case cudaErrorNoDevice:
      return "there is no NVIDIA GPU that this program may use: run it on a machine with one, look "
             "at "
             "CUDA_VISIBLE_DEVICES, or use the CPU backend";
    case cudaErrorInsufficientDriver:
      return driver == 0 ? "there is no NVIDIA driver on this machine: install one, or use the CPU "
                           "backend"
                         : sentence("the NVIDIA driver knows CUDA up to ", version_text(driver),
                                    " and this program needs ", version_text(CUDART_VERSION),
                                    ": install a newer driver, or use the CPU backend");
    case cudaErrorNoKernelImageForDevice:
      return "this program was not built for this GPU: name its architecture in "
             "CMAKE_CUDA_ARCHITECTURES and build it again";
    case cudaErrorMemoryAllocation:
      return "the GPU's memory is full: use a smaller batch, or end other programs that use it";
    default:
      return "nothing on the GPU can be trusted from here on; compute-sanitizer finds what a "
             "kernel did "
             "wrong";
  }
}

/// The whole sentence of an error of the runtime.
inline std::string runtime_sentence(const char* call, cudaError_t status, int driver) {
  return sentence("lamina: ", call, " failed with ", cudaGetErrorName(status), " (",
                  cudaGetErrorString(status), "): ", advice(status, driver));
}

inline void check(cudaError_t status, const char* call) {
  if (status == cudaSuccess) return;
  int driver = 0;
  static_cast<void>(cudaDriverGetVersion(&driver));
  static_cast<void>(cudaGetLastError());  // the next call is not to report it again
  const std::string text = runtime_sentence(call, status, driver);
  if (status == cudaErrorNoDevice || status == cudaErrorInsufficientDriver)
    throw NoCudaDevice(text);
  throw CudaError(text);
}

inline void check(cublasStatus_t status, const char* call) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw CudaError(sentence("lamina: ", call, " failed with ", cublasLtGetStatusName(status), " (",
                           cublasLtGetStatusString(status), "): cuBLASLt must be that of CUDA ",
                           version_text(CUDART_VERSION),
                           ", and the GPU must have some memory left"));
}

inline void check(cudnnStatus_t status, const char* call) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  std::string reason(256, '\0');
  cudnnGetLastErrorString(reason.data(), reason.size());
  reason.resize(reason.find('\0') == std::string::npos ? reason.size() : reason.find('\0'));
  throw CudaError(sentence("lamina: ", call, " failed with ", cudnnGetErrorString(status), " (",
                           reason, "): cuDNN must be version ", CUDNN_MAJOR, ".", CUDNN_MINOR,
                           " or newer, and the GPU must have some memory left"));
}

/// What a full memory is reported with.
inline std::string out_of_memory(std::size_t asked, std::size_t free, std::size_t total) {
  return sentence("lamina: cudaMallocAsync failed with cudaErrorMemoryAllocation: ", asked,
                  " bytes were asked for, and ", free, " of the GPU's ", total,
                  " are free: ", advice(cudaErrorMemoryAllocation, 0));
}

}  // namespace cuda_calls
}  // namespace lamina::inline LAMINA_ISA
