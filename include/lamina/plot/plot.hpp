// SPDX-License-Identifier: MIT
#pragma once
// All of plotting. CImg takes seconds to compile: include this in one source file of a program.

#include "lamina/plot/bars.hpp"
#include "lamina/plot/curves.hpp"
#include "lamina/plot/mosaic.hpp"
#include "lamina/plot/png.hpp"
#include "lamina/plot/report.hpp"
#include "lamina/plot/scatter.hpp"
