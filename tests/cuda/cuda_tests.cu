// SPDX-License-Identifier: MIT
// The suites for backends on a device, on an NVIDIA GPU. Where there is none the tests that need none run, and
// the exit code says that the others did not. One unit, as most of what it takes to compile is headers.

#include <cstdio>
#include <string>

#include <gtest/gtest.h>

#include "lamina/cuda.hpp"
#include "lamina/lamina.hpp"

#include "device/bfloat16_suite.hpp"
#include "device/captured_suite.hpp"
#include "device/layers_suite.hpp"
#include "device/operations_suite.hpp"
#include "device/replicas_suite.hpp"
#include "device/training_suite.hpp"

namespace device_suite {

INSTANTIATE_TYPED_TEST_SUITE_P(OnCuda, DeviceLayers, Cuda);
INSTANTIATE_TYPED_TEST_SUITE_P(OnCuda, DeviceOperations, Cuda);
INSTANTIATE_TYPED_TEST_SUITE_P(OnCuda, DeviceTraining, Cuda);
INSTANTIATE_TYPED_TEST_SUITE_P(OnCuda, DeviceCaptured, Cuda);
INSTANTIATE_TYPED_TEST_SUITE_P(OnCuda, DeviceBFloat16Products, Cuda);
INSTANTIATE_TYPED_TEST_SUITE_P(OnCuda, DeviceReplicas, Cuda);

}  // namespace device_suite

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  constexpr int skipped = 77;
  if (const int failed = RUN_ALL_TESTS(); failed != 0) return failed;
  const std::string why = lamina::Cuda::why_unavailable();
  if (why.empty()) return 0;
  std::printf("lamina_cuda_tests: the tests that need a GPU were skipped. %s\n", why.c_str());
  return skipped;
}
