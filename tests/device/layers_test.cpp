// SPDX-License-Identifier: MIT
// The layers of a device backend, whose kernels run on the host.

#include <gtest/gtest.h>

#include "device/host_device.hpp"
#include "device/layers_suite.hpp"

namespace device_suite {

INSTANTIATE_TYPED_TEST_SUITE_P(OnHost, DeviceLayers, support::OnHostDevice);

}  // namespace device_suite
