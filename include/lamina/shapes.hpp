// SPDX-License-Identifier: MIT
#pragma once
// Describing and checking networks: shapes, layers, Output<Net, In> and layer tables. Computed by the
// compiler alone; includes nothing but the standard library.

#include "lamina/core/shape.hpp"
#include "lamina/layers/layers.hpp"
#include "lamina/model/layer_table.hpp"
#include "lamina/model/network.hpp"
