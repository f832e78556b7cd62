// SPDX-License-Identifier: MIT
#pragma once
// The CUDA backend: Model<Net, In, Cuda> runs and trains on an NVIDIA GPU.

#include <cstddef>
#include <string>
#include <string_view>

#include "lamina/backend/cuda/device.hpp"
#include "lamina/backend/device/device_backend.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

struct Cuda : DeviceBackend<CudaDevice> {
  static constexpr std::string_view name = "cuda";

  /// Whether there is a GPU to run on: `Cuda::available() ? ... : ...` to go on with the CPU.
  static bool available() { return why_unavailable().empty(); }
  /// What is missing, as a sentence; empty if nothing is.
  static std::string why_unavailable() {
    try {
      CudaDevice::prepare();
      return {};
    } catch (const CudaError& error) {
      return error.what();
    }
  }

  /// How many GPUs data_parallel may be asked for; 0 without one.
  static std::size_t devices() { return available() ? CudaContext::devices() : 0; }
  /// What the driver calls GPU number `device`, such as "NVIDIA H100 80GB HBM3".
  /// errors run: NoCudaDevice; std::invalid_argument: there are not so many
  static std::string device_name(std::size_t device = 0) { return CudaContext::name(device); }

  /// Products on tensor cores, whose factors are rounded to TF32
  /// (torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32). Off at the start.
  static void allow_tf32(bool on) { CudaContext::set_math(on ? CudaMath::tf32 : CudaMath::fp32); }

  /// Waits until all that was asked for is done, and reports an error of it.
  static void synchronize() { CudaContext::get().wait(); }
};

}  // namespace lamina::inline LAMINA_ISA
