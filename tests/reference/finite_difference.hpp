// SPDX-License-Identifier: MIT
#pragma once
// Central differences: the gradient of a scalar function without knowing how it is computed.

#include "reference/values.hpp"

namespace reference {

/// (f(x + h) - f(x - h)) / 2h for every element of `x`, which f must read and which is put back as
/// it was. With h = 1e-5 in double the error is about 1e-10 of f's scale: h^2 from the formula,
/// 1e-16 / h from rounding.
template <class F>
Values numeric_gradient(Values& x, F f, double h = 1e-5) {
  Values gradient(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double kept = x[i];
    x[i] = kept + h;
    const double above = f();
    x[i] = kept - h;
    const double below = f();
    x[i] = kept;
    gradient[i] = (above - below) / (2.0 * h);
  }
  return gradient;
}

}  // namespace reference
