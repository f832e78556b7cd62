// SPDX-License-Identifier: MIT
#pragma once
// All layers.

#include "lamina/layers/activations.hpp"
#include "lamina/layers/add_condition.hpp"
#include "lamina/layers/batch_norm.hpp"
#include "lamina/layers/concat.hpp"
#include "lamina/layers/conv2d.hpp"
#include "lamina/layers/conv_transpose2d.hpp"
#include "lamina/layers/dropout.hpp"
#include "lamina/layers/group_norm.hpp"
#include "lamina/layers/linear.hpp"
#include "lamina/layers/pool2d.hpp"
#include "lamina/layers/reshape.hpp"
#include "lamina/layers/residual.hpp"
#include "lamina/layers/sequential.hpp"
#include "lamina/layers/upsample.hpp"
