// SPDX-License-Identifier: MIT
// The layers of the practical's networks.

#include "backend/window_checks.hpp"

namespace window {
namespace {

using Geometries = testing::Types<
    Case<conv2d_geometry(28, 28, 1, 32, 4, 2, 1)>, Case<conv2d_geometry(14, 14, 32, 64, 4, 2, 1)>,
    Case<conv2d_geometry(14, 14, 64, 128, 4, 2, 1)>, Case<conv2d_geometry(7, 7, 64, 128, 7, 1, 0)>,
    Case<conv2d_geometry(8, 8, 40, 72, 4, 2, 1)>, Case<conv2d_geometry(14, 14, 64, 64, 3, 1, 1)>,
    Case<conv2d_geometry(28, 28, 32, 1, 3, 1, 1)>, Case<conv2d_geometry(32, 32, 3, 64, 4, 2, 1)>,
    Case<conv_transpose2d_geometry(1, 1, 100, 40, 7, 1, 0, 0)>,
    Case<conv_transpose2d_geometry(7, 7, 64, 32, 4, 2, 1, 0)>,
    Case<conv_transpose2d_geometry(14, 14, 32, 1, 4, 2, 1, 0)>,
    Case<conv_transpose2d_geometry(8, 8, 24, 3, 4, 2, 1, 0)>,
    Case<conv_transpose2d_geometry(5, 7, 18, 9, 3, 2, 1, 1)>, Case<linear_geometry(784, 128)>>;
INSTANTIATE_TYPED_TEST_SUITE_P(Networks, CpuWindow, Geometries);

}  // namespace
}  // namespace window
