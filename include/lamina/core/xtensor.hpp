// SPDX-License-Identifier: MIT
#pragma once

// The parts of xtensor that lamina uses, wherever they are: xtensor 0.26 moved its headers into
// folders. NumPy files are in lamina/core/xtensor_npy.hpp, as they cost more to compile.

#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xarray.hpp>
#include <xtensor/containers/xtensor.hpp>
#include <xtensor/core/xnoalias.hpp>
#include <xtensor/views/xstrided_view.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <cstddef>
#include <memory>

#include <xtensor/xstorage.hpp>

#if defined(__clang__) && __clang_major__ >= 19
// clang 19 also matches xtensor 0.24's rule for two-parameter containers against its svector, which
// has defaults for the rest, and then cannot choose. This rule is narrower than both.
namespace xt {
template <class X, class T>
struct rebind_container<X, svector<T, 4, std::allocator<T>, true>> {
  using type = svector<X, 4, std::allocator<X>, true>;
};
}  // namespace xt
#endif

#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xstrided_view.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>
#endif
