// SPDX-License-Identifier: MIT
// Several replicas of a model on device backends, whose kernels run on the host, each in a thread.

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "device/host_device.hpp"
#include "device/replicas_suite.hpp"

namespace device_suite {

INSTANTIATE_TYPED_TEST_SUITE_P(OnHost, DeviceReplicas, support::OnHostDevice);

/// As CUDA without NCCL.
struct OnOneDevice {
  static constexpr bool host_memory = false;
  struct device {};
};

TEST(DataParallel, NeedsALibraryForMoreThanOneDevice) {
  bool called = false;
  const auto train = [&](Replica& replica) { called = replica.size() == 1; };
  data_parallel<OnOneDevice>(1, train);
  EXPECT_TRUE(called);
  try {
    data_parallel<OnOneDevice>(2, train);
    FAIL() << "there is no second device";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("asked for 2 devices"), std::string::npos)
        << error.what();
  }
}

}  // namespace device_suite
