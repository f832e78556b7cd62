// SPDX-License-Identifier: MIT
// Products of bfloat16 on a device backend, whose kernels run on the host.

#include <gtest/gtest.h>

#include "device/bfloat16_suite.hpp"
#include "device/host_device.hpp"

namespace device_suite {

INSTANTIATE_TYPED_TEST_SUITE_P(OnHost, DeviceBFloat16Products, support::OnHostDevice);

}  // namespace device_suite
