// SPDX-License-Identifier: MIT
#pragma once
// Activations as functions of vectors.

#include <cstddef>

#include "lamina/backend/cpu/simd.hpp"
#include "lamina/backend/cpu/vector_loop.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/layers/activations.hpp"

namespace lamina::inline LAMINA_ISA {

/// y = Function(x) and dx = dy * Function'(x), written in terms of y (SiLU's in terms of x). NaN
/// stays NaN.
template <class Function>
struct CpuActivation;

template <>
struct CpuActivation<NoActivation> {
  static Vec value(const Vec& x) { return x; }
};
template <>
struct CpuActivation<ReLU> {
  static Vec value(const Vec& x) { return xsimd::select(x < Vec(0.0F), Vec(0.0F), x); }
  static Vec gradient(const Vec& y, const Vec& dy) {
    return xsimd::select(y <= Vec(0.0F), Vec(0.0F), dy);
  }
};
template <double Slope>
struct CpuActivation<LeakyReLU<Slope>> {
  static Vec value(const Vec& x) {
    return xsimd::select(x > Vec(0.0F), x, x * Vec(static_cast<float>(Slope)));
  }
  static Vec gradient(const Vec& y, const Vec& dy) {
    return xsimd::select(y > Vec(0.0F), dy, dy * Vec(static_cast<float>(Slope)));
  }
};
template <>
struct CpuActivation<Sigmoid> {
  static Vec value(const Vec& x) { return Vec(1.0F) / (Vec(1.0F) + xsimd::exp(-x)); }
  static Vec gradient(const Vec& y, const Vec& dy) { return dy * y * (Vec(1.0F) - y); }
};
template <>
struct CpuActivation<Tanh> {
  static Vec value(const Vec& x) { return xsimd::tanh(x); }
  static Vec gradient(const Vec& y, const Vec& dy) { return dy * (Vec(1.0F) - y * y); }
};
template <>
struct CpuActivation<SiLU> {
  static Vec value(const Vec& x) { return x / (Vec(1.0F) + xsimd::exp(-x)); }
  static Vec gradient(const Vec& x, const Vec& dy) {
    const Vec sigmoid = Vec(1.0F) / (Vec(1.0F) + xsimd::exp(-x));
    return dy * sigmoid * (Vec(1.0F) + x * (Vec(1.0F) - sigmoid));
  }
};

/// Values of Function where their arguments lie, as Finish asks for them.
template <class Function>
void activate_in_place(float* values, const float* /*known*/, std::ptrdiff_t count, int runs,
                       std::ptrdiff_t apart) {
  for (; runs > 0; --runs, values += apart)
    for_vectors(0, static_cast<std::size_t>(count), [=](std::size_t i, auto at) {
      at.store(values + i, CpuActivation<Function>::value(at.load(values + i)));
    });
}

/// dx where dy lies, from the function's values y.
template <class Function>
void activation_gradient_in_place(float* values, const float* y, std::ptrdiff_t count, int runs,
                                  std::ptrdiff_t apart) {
  for (; runs > 0; --runs, values += apart, y += apart)
    for_vectors(0, static_cast<std::size_t>(count), [=](std::size_t i, auto at) {
      at.store(values + i, CpuActivation<Function>::gradient(at.load(y + i), at.load(values + i)));
    });
}

}  // namespace lamina::inline LAMINA_ISA
