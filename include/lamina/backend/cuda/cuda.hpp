// SPDX-License-Identifier: MIT
#pragma once
// The CUDA backend: Model<Net, In, Cuda> runs and trains on an NVIDIA GPU.

#include <string>
#include <string_view>

#include "lamina/backend/cuda/device.hpp"
#include "lamina/backend/device/device_backend.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

template <CudaMath Math>
struct CudaBackend : DeviceBackend<CudaDevice<Math>> {
  static constexpr std::string_view name = Math == CudaMath::fp32 ? "cuda" : "cuda, tf32";

  /// Whether there is a GPU to run on: `Cuda::available() ? ... : ...` to go on with the CPU.
  static bool available() { return why_unavailable().empty(); }
  /// What is missing, as a sentence; empty if nothing is.
  static std::string why_unavailable() {
    try {
      CudaDevice<Math>::prepare();
      return {};
    } catch (const CudaError& error) {
      return error.what();
    }
  }

  /// Waits until all that was asked for is done, and reports an error of it.
  static void synchronize() { CudaContext::get().wait(); }
};

/// Products of float32 as such.
struct Cuda : CudaBackend<CudaMath::fp32> {};
/// Products on tensor cores, whose factors are rounded to TF32.
struct CudaTf32 : CudaBackend<CudaMath::tf32> {};

}  // namespace lamina::inline LAMINA_ISA
