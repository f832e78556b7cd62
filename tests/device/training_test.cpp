// SPDX-License-Identifier: MIT
// Whole models on a device backend, whose kernels run on the host.

#include <gtest/gtest.h>

#include "device/host_device.hpp"
#include "device/training_suite.hpp"

namespace device_suite {

INSTANTIATE_TYPED_TEST_SUITE_P(OnHost, DeviceTraining, support::OnHostDevice);

}  // namespace device_suite
