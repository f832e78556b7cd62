// SPDX-License-Identifier: MIT
// What stands in for learners.cu in a build without CUDA.

#include "common/command_line.hpp"
#include "common/device.hpp"

namespace examples {

const CudaLearners& cuda_learners() {
  throw UsageError(
      "--device cuda is for a program that was built with CUDA, and this one was not: build it "
      "with "
      "-DLAMINA_CUDA=ON, or cmake --preset cuda, where NVIDIA's nvcc is, or use --device cpu");
}

}  // namespace examples
