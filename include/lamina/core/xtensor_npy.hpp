// SPDX-License-Identifier: MIT
#pragma once

// xtensor's reader and writer of NumPy files (xt::load_npy, xt::dump_npy), wherever they are:
// xtensor 0.26 moved its headers into folders.

#if __has_include(<xtensor/io/xnpy.hpp>)
#include <xtensor/io/xnpy.hpp>
#else
#include <xtensor/xnpy.hpp>
#endif
