// SPDX-License-Identifier: MIT
#pragma once
// The operations of a backend on flat arrays beside the CPU's, which are tested against plain loops in double
// precision: losses, optimisers, random numbers, what generative models need. To be instantiated for each
// backend on a device.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/generative/noise_schedule.hpp"
#include "lamina/lamina.hpp"

#include "device/backend_test.hpp"
#include "support/compare.hpp"
#include "support/model_values.hpp"

namespace device_suite {

using namespace lamina;
using Floats = std::vector<float>;

inline constexpr float nan = std::numeric_limits<float>::quiet_NaN();

/// One value, less and more than a block of four, and so many that sums are cut into parts.
inline const std::vector<std::size_t> sizes{1, 3, 5, 1021, 9001};

/// Values in [-most, most].
inline Floats floats(std::size_t count, std::uint32_t seed, float most = 1.0F) {
  const auto values = support::random_values(count, seed);
  Floats result(values.begin(), values.end());
  for (float& value : result)
    value *= most;
  return result;
}

/// Numbers strictly between 0 and 1.
inline Floats shares(std::size_t count, std::uint32_t seed) {
  Floats values = floats(count, seed, 0.49F);
  for (float& value : values)
    value += 0.5F;
  return values;
}

/// A handful of float32 operations, some of them exp and log, differ by a few roundings of 6e-8; contraction
/// to multiply-adds adds one.
inline constexpr double few_roundings = 1e-6;

inline void expect_near(const char* what, const Floats& got, const Floats& expected,
                        double tolerance = few_roundings) {
  EXPECT_TRUE(support::near_relative(what, got, expected, tolerance));
}

inline void expect_sum(const char* what, double got, double expected) {
  EXPECT_NEAR(got, expected, 2e-6 * (std::max)(1.0, std::abs(expected))) << what;
}

/// What a backend makes of arrays on it, as arrays on the host.
template <class B>
struct On {
  template <class Function>
  static double loss(const Floats& prediction, const Floats& target) {
    Array<B> p(prediction), t(target);
    return B::template loss_sum<Function>(p.size(), p.data(), t.data());
  }
  template <class Function>
  static Floats loss_gradient(const Floats& prediction, const Floats& target, float scale) {
    Array<B> p(prediction), t(target), gradient(p.size());
    B::template loss_gradient<Function>(p.size(), p.data(), t.data(), scale, gradient.data());
    return gradient.values();
  }
  /// The array after `change` of its memory.
  template <class Change>
  static Floats changed(const Floats& x, const Change& change) {
    Array<B> array(x);
    change(array.size(), array.data());
    return array.values();
  }
  static Floats adam(const AdamUpdate& update, const Floats& gradients, Floats state) {
    const std::size_t n = gradients.size();
    Array<B> g(gradients), all(state);  // moments, then values
    B::adam(n, update, g.data(), all.data(), all.data() + n, all.data() + 2 * n);
    return all.values();
  }
  static Floats sgd(const SgdUpdate& update, const Floats& gradients, Floats state) {
    const std::size_t n = gradients.size();
    Array<B> g(gradients), all(state);  // velocity, then values
    B::sgd(n, update, g.data(), all.data(), all.data() + n);
    return all.values();
  }
  static Floats normal(std::size_t count, std::uint64_t pass, std::uint64_t begin = 0) {
    Array<B> to(count);
    B::normal(count, Philox(Seed{7}, Stream::latent, 3), pass, to.data(), begin);
    return to.values();
  }
  static Floats dropped(const Floats& x, const DrawKey& key) {
    Array<B> from(x), to(x.size());
    B::dropout(x.size(), 0.3, key, from.data(), to.data());
    return to.values();
  }
};

/// sigmoid(x) - t and 1 - sigmoid(x) cancel.
template <class B, class Function>
void expect_loss(const char* what, const Floats& prediction, const Floats& target) {
  expect_sum(what, On<B>::template loss<Function>(prediction, target),
             On<Cpu>::loss<Function>(prediction, target));
  expect_near(what, On<B>::template loss_gradient<Function>(prediction, target, 0.125F),
              On<Cpu>::loss_gradient<Function>(prediction, target, 0.125F), 5e-6);
  Floats broken = prediction;
  broken.back() = nan;
  EXPECT_TRUE(std::isnan(On<B>::template loss<Function>(broken, target))) << what;
  EXPECT_TRUE(std::isnan(On<B>::template loss_gradient<Function>(broken, target, 1.0F).back()))
      << what;
}

template <class B>
class DeviceOperations : public BackendTest<B> {};
TYPED_TEST_SUITE_P(DeviceOperations);

TYPED_TEST_P(DeviceOperations, LossesAreThoseOfTheCpu) {
  using B = TypeParam;
  for (const std::size_t size : sizes) {
    const Floats logits = floats(size, 1, 8.0F), targets = shares(size, 2);
    expect_loss<B, SquaredError>("squared error", logits, targets);
    expect_loss<B, CrossEntropyOfProbability>("cross entropy", shares(size, 4), targets);
    expect_loss<B, CrossEntropyOfLogit>("cross entropy of logits", logits, targets);
    expect_loss<B, HalfSquaredErrorOfLogit>("half squared error", logits, targets);
  }
  const Floats logits = floats(99, 5, 2.0F), sides(99, -1.0F);
  expect_sum("wasserstein", On<B>::template loss<Wasserstein>(logits, sides),
             On<Cpu>::loss<Wasserstein>(logits, sides));
  expect_near("wasserstein", On<B>::template loss_gradient<Wasserstein>(logits, sides, 0.5F),
              On<Cpu>::loss_gradient<Wasserstein>(logits, sides, 0.5F));
  expect_sum("hinge", On<B>::template loss<Hinge>(logits, sides),
             On<Cpu>::loss<Hinge>(logits, sides));
  expect_near("hinge", On<B>::template loss_gradient<Hinge>(logits, sides, 0.5F),
              On<Cpu>::loss_gradient<Hinge>(logits, sides, 0.5F));
}

TYPED_TEST_P(DeviceOperations, LogarithmsEndAtMinusHundred) {
  using B = TypeParam;
  const Floats ends{0.0F, 1.0F, 0.0F, 1.0F}, targets{1.0F, 0.0F, 0.0F, 1.0F};
  EXPECT_EQ((On<B>::template loss<CrossEntropyOfProbability>(ends, targets)), 200.0);
  EXPECT_EQ((On<B>::template loss<CrossEntropyOfLogit>({1000.0F, -1000.0F}, {1.0F, 0.0F})), 0.0);
}

TYPED_TEST_P(DeviceOperations, ClassificationIsThatOfTheCpu) {
  using B = TypeParam;
  constexpr std::size_t classes = 7;
  for (const std::size_t images : {std::size_t{1}, std::size_t{5}, std::size_t{4099}}) {
    Floats logits = floats(images * classes, 1, 9.0F);
    logits[0] = logits[1] = 10.0F;  // the largest twice
    std::vector<std::uint8_t> labels(images);
    for (std::size_t i = 0; i < images; ++i)
      labels[i] = static_cast<std::uint8_t>((i * 5 + 1) % classes);
    Array<B> x(logits), gradient(logits.size());
    Array<Cpu> host(logits), expected(logits.size());
    const auto right = [&](auto& array) {
      using Backend =
          std::conditional_t<std::same_as<std::decay_t<decltype(array)>, Array<B>>, B, Cpu>;
      return Backend::count_right(images, static_value<classes>, array.data(), labels.data());
    };
    expect_sum("cross entropy",
               B::cross_entropy_sum(images, static_value<classes>, x.data(), labels.data()),
               Cpu::cross_entropy_sum(images, static_value<classes>, host.data(), labels.data()));
    B::cross_entropy_gradient(images, static_value<classes>, x.data(), labels.data(), 0.25F,
                              gradient.data());
    Cpu::cross_entropy_gradient(images, static_value<classes>, host.data(), labels.data(), 0.25F,
                                expected.data());
    expect_near("gradient", gradient.values(), expected.values());
    EXPECT_EQ(right(x), right(host));
    labels[0] = 0;
    EXPECT_EQ(right(x), right(host));
  }
  Array<B> broken(Floats{1.0F, nan, 0.0F});
  for (std::uint8_t label = 0; label < 3; ++label)
    EXPECT_EQ(B::count_right(1, static_value<std::size_t{3}>, broken.data(), &label), 0.0);
}

TYPED_TEST_P(DeviceOperations, SumsAreThoseOfTheCpu) {
  using B = TypeParam;
  for (const std::size_t size : sizes) {
    Array<B> x(floats(size, 1, 8.0F));
    Array<Cpu> host(floats(size, 1, 8.0F));
    EXPECT_EQ(B::positive_count(size, x.data()), Cpu::positive_count(size, host.data()));
    expect_sum("sigmoids", B::sigmoid_sum(size, x.data()), Cpu::sigmoid_sum(size, host.data()));
    expect_sum("squares", B::sum_of_squares(size, x.data()),
               Cpu::sum_of_squares(size, host.data()));
  }
}

TYPED_TEST_P(DeviceOperations, UpdatesAreThoseOfTheCpu) {
  using B = TypeParam;
  for (const std::size_t size : sizes) {
    const Floats gradients = floats(size, 1);
    Floats state = floats(3 * size, 2);
    for (std::size_t i = size; i < 2 * size; ++i)
      state[i] = std::abs(state[i]);  // second moments
    for (const float decay : {0.0F, 0.125F}) {
      const AdamUpdate update{.step_size = 0.01F,
                              .beta1 = 0.9F,
                              .beta2 = 0.99F,
                              .epsilon = 1e-8F,
                              .second_correction = 3.0F,
                              .weight_decay = decay,
                              .shrink = 1.0F - decay};
      expect_near("Adam", On<B>::adam(update, gradients, state),
                  On<Cpu>::adam(update, gradients, state));
    }
    const Floats two(state.begin(), state.begin() + static_cast<std::ptrdiff_t>(2 * size));
    for (const bool nesterov : {false, true})
      for (const bool first : {false, true}) {
        const SgdUpdate update{.learning_rate = 0.1F,
                               .momentum = 0.75F,
                               .weight_decay = 0.125F,
                               .nesterov = nesterov,
                               .first_step = first};
        expect_near("SGD", On<B>::sgd(update, gradients, two),
                    On<Cpu>::sgd(update, gradients, two));
      }
  }
}

TYPED_TEST_P(DeviceOperations, ArraysChangeAsOnTheCpu) {
  using B = TypeParam;
  for (const std::size_t size : sizes) {
    const Floats x = floats(size, 1), other = floats(size, 2);
    const auto expect_same = [&]<class Change>(const char* what, const Change& change) {
      expect_near(what,
                  On<B>::changed(x,
                                 [&](std::size_t n, float* to) {
                                   Array<B> from(other);
                                   change(std::type_identity<B>{}, n, from.data(), to);
                                 }),
                  On<Cpu>::changed(x, [&](std::size_t n, float* to) {
                    Array<Cpu> from(other);
                    change(std::type_identity<Cpu>{}, n, from.data(), to);
                  }));
    };
    expect_same("scale", []<class T>(std::type_identity<T>, std::size_t n, float*, float* to) {
      T::scale(n, 3.0F, to);
    });
    expect_same("clamp", []<class T>(std::type_identity<T>, std::size_t n, float*, float* to) {
      T::clamp(n, -0.25F, 0.5F, to);
    });
    expect_same("move_towards", []<class T>(std::type_identity<T>, std::size_t n, float* from,
                                            float* to) { T::move_towards(n, 0.125F, from, to); });
    expect_same("copy", []<class T>(std::type_identity<T>, std::size_t n, float* from, float* to) {
      T::copy(n, from, to);
    });
    expect_same("fill", []<class T>(std::type_identity<T>, std::size_t n, float*, float* to) {
      T::fill(n, 2.5F, to);
    });
    expect_same("swap", []<class T>(std::type_identity<T>, std::size_t n, float* from, float* to) {
      T::swap(n, from, to);
    });
    expect_same("add", []<class T>(std::type_identity<T>, std::size_t n, float* from, float* to) {
      T::add(n, from, to, to);
    });
  }
  const Floats clamped =
      On<B>::changed({nan, 3.0F}, [](std::size_t n, float* to) { B::clamp(n, -1.0F, 1.0F, to); });
  EXPECT_TRUE(std::isnan(clamped[0]) && clamped[1] == 1.0F);
}

TYPED_TEST_P(DeviceOperations, RandomNumbersAreThoseOfTheCpu) {
  using B = TypeParam;
  for (const std::size_t size : sizes) {
    const Floats x(size, 1.0F);
    const DrawKey key{.seed = 0x123456789abcdefU, .layer = 5, .pass = 3};
    EXPECT_EQ(On<B>::dropped(x, key), On<Cpu>::dropped(x, key));
    // A device's sines and logarithms may be one rounding of float32 off.
    EXPECT_TRUE(support::near_elementwise("normal", On<B>::normal(size, 9),
                                          On<Cpu>::normal(size, 9), 2e-7, 1e-3));
  }
}

/// Values 3 ... 9 of a draw, say, are the same whether or not those in front of them are drawn.
template <class B>
void expect_draws_to_begin_anywhere() {
  const DrawKey key{.seed = 8, .layer = 5, .pass = 3};
  const Floats normal = On<B>::normal(40, 9), dropped = On<B>::dropped(Floats(40, 1.0F), key);
  for (const std::size_t begin : {0U, 1U, 3U, 4U, 6U, 17U})
    for (const std::size_t size : {0U, 1U, 2U, 5U, 8U, 23U}) {
      const auto part = [=](const Floats& all) {
        const auto first = all.begin() + static_cast<std::ptrdiff_t>(begin);
        return Floats(first, first + static_cast<std::ptrdiff_t>(size));
      };
      DrawKey later = key;
      later.first = begin;
      EXPECT_EQ(On<B>::normal(size, 9, begin), part(normal)) << size << " from " << begin;
      EXPECT_EQ(On<B>::dropped(Floats(size, 1.0F), later), part(dropped))
          << size << " from " << begin;
    }
}

TYPED_TEST_P(DeviceOperations, DrawsBeginAnywhere) {
  expect_draws_to_begin_anywhere<TypeParam>();
  expect_draws_to_begin_anywhere<Cpu>();
}

TYPED_TEST_P(DeviceOperations, VariationalOnesAreThoseOfTheCpu) {
  using B = TypeParam;
  const auto run = []<class T>(std::type_identity<T>) {
    constexpr std::size_t images = 9, latent = 5;
    Array<T> encoded(floats(2 * images * latent, 1, 2.0F)), noise(floats(images * latent, 2));
    Array<T> dz(floats(images * latent, 3)), z(images * latent), gradient(2 * images * latent);
    T::reparametrise(images, static_value<latent>, encoded.data(), noise.data(), z.data());
    T::variational_gradient(images, static_value<latent>, encoded.data(), noise.data(), dz.data(),
                            0.75F, gradient.data());
    std::vector<double> sums(latent, 1.0);  // they are added to
    T::add_divergence(images, static_value<latent>, encoded.data(), sums.data());
    Floats all = z.values();
    for (const float value : gradient.values())
      all.push_back(value);
    for (const double sum : sums)
      all.push_back(static_cast<float>(sum));
    return all;
  };
  expect_near("variational", run(std::type_identity<B>{}), run(std::type_identity<Cpu>{}));
}

TYPED_TEST_P(DeviceOperations, DiffusionIsThatOfTheCpu) {
  using B = TypeParam;
  const auto run = []<class T>(std::type_identity<T>) {
    constexpr std::size_t images = 4, size = 33;
    Array<T> first(floats(images * size, 1)), second(floats(images * size, 2));
    Array<T> shares_of(floats(2 * images, 3)), mixed(images * size);
    T::mix(images, static_value<size>, shares_of.data(), first.data(), shares_of.data() + images,
           second.data(), mixed.data());
    const DenoiseStep step = NoiseSchedule::linear(10).step(7, 4, 0.5);
    T::denoise(images * size, step, first.data(), second.data(), mixed.data());
    return mixed.values();
  };
  expect_near("diffusion", run(std::type_identity<B>{}), run(std::type_identity<Cpu>{}));
}

TYPED_TEST_P(DeviceOperations, ARepetitionHasTheSameBits) {
  using B = TypeParam;
  const auto run = [] {
    constexpr std::size_t rows = 3001;
    constexpr int channels = 7;
    Array<B> x(floats(rows * channels, 1)), bias(channels), running(floats(2 * channels, 2));
    Array<B> saved(2 * channels), workspace(B::batch_norm_workspace(channels).fixed);
    B::bias_gradient(rows, static_value<channels>, x.data(), bias.data(), nullptr);
    B::batch_norm_statistics(rows, 1, static_value<channels>, 1e-5, 0.1, x.data(), running.data(),
                             running.data() + channels, saved.data(), workspace.data());
    Floats all = bias.values();
    for (const Array<B>* more : {&running, &saved})
      for (const float value : more->values())
        all.push_back(value);
    all.push_back(static_cast<float>(B::sum_of_squares(x.size(), x.data())));
    return all;
  };
  EXPECT_EQ(run(), run());
}

REGISTER_TYPED_TEST_SUITE_P(DeviceOperations, LossesAreThoseOfTheCpu, LogarithmsEndAtMinusHundred,
                            ClassificationIsThatOfTheCpu, SumsAreThoseOfTheCpu,
                            UpdatesAreThoseOfTheCpu, ArraysChangeAsOnTheCpu,
                            RandomNumbersAreThoseOfTheCpu, DrawsBeginAnywhere,
                            VariationalOnesAreThoseOfTheCpu, DiffusionIsThatOfTheCpu,
                            ARepetitionHasTheSameBits);

}  // namespace device_suite
