// SPDX-License-Identifier: MIT
#pragma once
// The optimisers' updates and the sums over losses on the CPU.

#include <cstddef>

#include "lamina/backend/cpu/elementwise.hpp"
#include "lamina/backend/cpu/vector_loop.hpp"
#include "lamina/losses/functions.hpp"
#include "lamina/optim/updates.hpp"

namespace lamina::inline LAMINA_ISA {

/// A loss function: its value for one pair of numbers, and d value / d prediction.
template <class Function>
struct CpuLoss;

template <>
struct CpuLoss<SquaredError> {
  static Vec value(const Vec& x, const Vec& t) { return (x - t) * (x - t); }
  static Vec gradient(const Vec& x, const Vec& t) { return Vec(2.0F) * (x - t); }
};
template <>
struct CpuLoss<CrossEntropyOfProbability> {
  static Vec value(const Vec& x, const Vec& t) {
    const Vec one(1.0F);
    const Vec least(-100.0F);
    const Vec log_x = xsimd::log(x);
    const Vec log_rest = xsimd::log(one - x);
    // Comparisons written so that NaN stays NaN.
    return -(t * xsimd::select(log_x < least, least, log_x) +
             (one - t) * xsimd::select(log_rest < least, least, log_rest));
  }
  static Vec gradient(const Vec& x, const Vec& t) {
    const Vec slope = x * (Vec(1.0F) - x);
    const Vec least(1e-12F);
    return (x - t) / xsimd::select(slope < least, least, slope);
  }
};
template <>
struct CpuLoss<CrossEntropyOfLogit> {
  static Vec value(const Vec& x, const Vec& t) {
    const Vec zero(0.0F);
    return xsimd::select(x < zero, zero, x) - x * t + xsimd::log1p(xsimd::exp(-xsimd::abs(x)));
  }
  static Vec gradient(const Vec& x, const Vec& t) {
    return Vec(1.0F) / (Vec(1.0F) + xsimd::exp(-x)) - t;
  }
};

template <>
struct CpuLoss<HalfSquaredErrorOfLogit> {
  static Vec value(const Vec& x, const Vec& t) {
    const Vec error = CpuLoss<CrossEntropyOfLogit>::gradient(x, t);
    return Vec(0.5F) * error * error;
  }
  static Vec gradient(const Vec& x, const Vec& t) {
    const Vec error = CpuLoss<CrossEntropyOfLogit>::gradient(x, t);
    const Vec probability = error + t;
    return error * probability * (Vec(1.0F) - probability);
  }
};
template <>
struct CpuLoss<Wasserstein> {
  static Vec value(const Vec& x, const Vec& t) { return -(t * x); }
  static Vec gradient(const Vec&, const Vec& t) { return -t; }
};
template <>
struct CpuLoss<Hinge> {
  static Vec value(const Vec& x, const Vec& t) {
    const Vec loss = Vec(1.0F) - t * x;
    return xsimd::select(loss < Vec(0.0F), Vec(0.0F), loss);
  }
  static Vec gradient(const Vec& x, const Vec& t) {
    return xsimd::select(Vec(1.0F) - t * x < Vec(0.0F), Vec(0.0F), -t);
  }
};

struct CpuOptimise {
  template <class Function>
  static double loss_sum(std::size_t count, const float* prediction, const float* target) {
    return sum_all_vectors(count, [=](std::size_t i, auto at) {
      return CpuLoss<Function>::value(at.load(prediction + i), at.load(target + i));
    });
  }

  template <class Function>
  static void loss_gradient(std::size_t count, const float* prediction, const float* target,
                            float scale, float* gradient) {
    for_all_vectors(count, [=](std::size_t i, auto at) {
      at.store(
          gradient + i,
          CpuLoss<Function>::gradient(at.load(prediction + i), at.load(target + i)) * Vec(scale));
    });
  }

  /// How many values are above zero.
  static double positive_count(std::size_t count, const float* x) {
    return sum_all_vectors(count, [=](std::size_t i, auto at) {
      return xsimd::select(at.load(x + i) > Vec(0.0F), Vec(1.0F), Vec(0.0F));
    });
  }

  static double sigmoid_sum(std::size_t count, const float* x) {
    return sum_all_vectors(count, [=](std::size_t i, auto at) {
      return CpuActivation<Sigmoid>::value(at.load(x + i));
    });
  }

  static double sum_of_squares(std::size_t count, const float* x) {
    return sum_all_vectors(count, [=](std::size_t i, auto at) {
      const Vec value = at.load(x + i);
      return value * value;
    });
  }

  static void scale(std::size_t count, float factor, float* x) {
    for_all_vectors(count,
                    [=](std::size_t i, auto at) { at.store(x + i, at.load(x + i) * Vec(factor)); });
  }

  /// Values below `low` become it, those above `high` that.
  static void clamp(std::size_t count, float low, float high, float* x) {
    for_all_vectors(count, [=](std::size_t i, auto at) {
      at.store(x + i, clamped(at.load(x + i), low, high));
    });
  }

  /// to += share * (from - to): an exponential moving average.
  static void move_towards(std::size_t count, float share, const float* from, float* to) {
    for_all_vectors(count, [=](std::size_t i, auto at) {
      const Vec now = at.load(to + i);
      at.store(to + i, fmadd(Vec(share), at.load(from + i) - now, now));
    });
  }

  static void sgd(std::size_t count, const SgdUpdate& update, const float* gradients,
                  float* velocity, float* values) {
    for_all_vectors(count, [=](std::size_t i, auto at) {
      const Vec value = at.load(values + i);
      Vec step = fmadd(Vec(update.weight_decay), value, at.load(gradients + i));
      if (update.momentum != 0.0F) {
        const Vec moved =
            update.first_step ? step : fmadd(Vec(update.momentum), at.load(velocity + i), step);
        at.store(velocity + i, moved);
        step = update.nesterov ? fmadd(Vec(update.momentum), moved, step) : moved;
      }
      at.store(values + i, fmadd(Vec(-update.learning_rate), step, value));
    });
  }

  static void adam(std::size_t count, const AdamUpdate& update, const float* gradients,
                   float* first_moment, float* second_moment, float* values) {
    for_all_vectors(count, [=](std::size_t i, auto at) {
      const Vec value = at.load(values + i) * Vec(update.shrink);
      const Vec g = fmadd(Vec(update.weight_decay), value, at.load(gradients + i));
      const Vec m0 = at.load(first_moment + i);
      const Vec v0 = at.load(second_moment + i);
      const Vec m = fmadd(Vec(1.0F - update.beta1), g - m0, m0);
      const Vec v = fmadd(Vec(update.beta2), v0, Vec(1.0F - update.beta2) * g * g);
      at.store(first_moment + i, m);
      at.store(second_moment + i, v);
      const Vec deviation = xsimd::sqrt(v) * Vec(update.second_correction) + Vec(update.epsilon);
      at.store(values + i, value - Vec(update.step_size) * (m / deviation));
    });
  }
};

}  // namespace lamina::inline LAMINA_ISA
