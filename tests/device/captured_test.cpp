// SPDX-License-Identifier: MIT
// Captured steps of a device backend, whose kernels run on the host.

#include <gtest/gtest.h>

#include "device/captured_suite.hpp"
#include "device/host_device.hpp"

namespace device_suite {

INSTANTIATE_TYPED_TEST_SUITE_P(OnHost, DeviceCaptured, support::OnHostDevice);

}  // namespace device_suite
