// SPDX-License-Identifier: MIT
// The operations of a device backend, whose kernels run on the host.

#include <gtest/gtest.h>

#include "device/host_device.hpp"
#include "device/operations_suite.hpp"

namespace device_suite {

INSTANTIATE_TYPED_TEST_SUITE_P(OnHost, DeviceOperations, support::OnHostDevice);

}  // namespace device_suite
