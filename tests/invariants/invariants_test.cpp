// SPDX-License-Identifier: MIT
// The design's invariants that are about running models. Of the others, wrong networks that do not
// compile (1) are in tests/compile_fail, PyTorch's meaning of parameters (5) in tests/parity, objects
// of two instruction sets (6) in tests/isa, light headers (9) in tests/headers and tests/shapes, no
// allocation (3) in counted_memory_test.cpp.

#include <gtest/gtest.h>

#include <omp.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <vector>

#include "lamina/lamina.hpp"
#include "model/networks.hpp"
#include "support/model_check.hpp"

namespace {

using namespace lamina;
using reference::Values;
using support::ConvModel;
using support::FcModel;

/// Sets the thread knob for one scope.
class Threads {
 public:
  explicit Threads(int count) : before_(num_threads()) { set_num_threads(count); }
  ~Threads() { set_num_threads(before_); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
  int before_;
};

template <class M>
struct Batch {
  Tensor<typename M::input_shape> images;
  Tensor<typename M::output_shape> targets;

  Batch(std::size_t count, std::uint32_t seed)
      : images(support::batch_of<typename M::input_shape>(
            support::random_values(count * M::input_shape::size, seed))),
        targets(support::batch_of<typename M::output_shape>(
            support::random_values(count * M::output_shape::size, seed + 1))) {}
};

template <class M>
double train_step(M& model, Adam<Cpu>& adam, const Batch<M>& batch) {
  const auto [loss, gradient] = mse_loss(model.forward(batch.images), batch.targets);
  model.zero_grad();
  model.backward(gradient, Gradients::parameters_and_input);
  adam.step();
  return loss;
}

/// Everything that ten steps leave behind: losses, parameters, running statistics, last gradients.
template <class M>
std::vector<double> ten_steps(Seed seed, std::size_t images) {
  M model{seed};
  Adam adam{model.parameters()};
  std::vector<double> trace;
  for (std::uint32_t step = 0; step < 10; ++step) {
    const Batch<M> batch(images, 10 * step);
    trace.push_back(train_step(model, adam, batch));
  }
  const auto append = [&](const Values& values) {
    trace.insert(trace.end(), values.begin(), values.end());
  };
  for (const auto& tensor : model.state().tensors) append(support::values_of(tensor));
  append(support::values_of(model.input_gradient()));
  return trace;
}

// Batches large enough that convolutions, sums, batch normalisation and dropout share their work:
// below 2e5 operations (kernel::worth_threads) they run on one thread.
constexpr std::size_t many_images = 512;
constexpr std::size_t many_vectors = 2048;

/// The invariant is about bits, and == tells no NaN from another: the trace must be finite.
template <class M>
void expect_same_bits_for_threads(std::size_t images) {
  std::vector<double> expected;
  {
    const Threads one(1);
    expected = ten_steps<M>(Seed{1}, images);
  }
  ASSERT_TRUE(std::isfinite(support::max_abs(expected)));
  for (const int count : {2, 5}) {
    const Threads threads(count);
    EXPECT_EQ(ten_steps<M>(Seed{1}, images), expected) << count << " threads";
  }
}

TEST(Invariants, SameBitsForOneTwoAndFiveThreadsConvolutions) {
  expect_same_bits_for_threads<ConvModel>(many_images);
}

TEST(Invariants, SameBitsForOneTwoAndFiveThreadsLinear) {
  expect_same_bits_for_threads<FcModel>(many_vectors);
}

TEST(Invariants, SameSeedSameBitsOtherSeedOthers) {
  const auto expected = ten_steps<ConvModel>(Seed{1}, 5);
  EXPECT_EQ(ten_steps<ConvModel>(Seed{1}, 5), expected);
  EXPECT_NE(ten_steps<ConvModel>(Seed{2}, 5), expected);
}

/// Gradients and output of one training pass.
template <class M>
Values pass(M& model, const Batch<M>& batch) {
  const auto [loss, gradient] = mse_loss(model.forward(batch.images), batch.targets);
  Values result = support::values_of(model.forward(batch.images));
  model.zero_grad();
  model.backward(gradient, Gradients::parameters_and_input);
  const auto append = [&](const Values& values) {
    result.insert(result.end(), values.begin(), values.end());
  };
  for (const auto& tensor : model.named_parameters()) append(support::gradient_of(tensor));
  append(support::values_of(model.input_gradient()));
  return result;
}

TEST(Invariants, BatchSizesInAnyOrderOnOneModel) {
  // In evaluation mode passes leave nothing behind, so that a fresh model must give the same bits.
  ConvModel model{Seed{1}};
  model.eval();
  for (const std::size_t size : {2U, 128U, 1U, 127U, 128U, 2U, 1U, 127U}) {
    const Batch<ConvModel> batch(size, static_cast<std::uint32_t>(size));
    ConvModel fresh{Seed{1}};
    fresh.eval();
    const Values got = pass(model, batch);
    EXPECT_EQ(got, pass(fresh, batch)) << size << " images";
    EXPECT_TRUE(std::isfinite(support::max_abs(got)));
  }
}

TEST(Invariants, BatchSizesMatchTheReference) {
  FcModel model{Seed{1}};
  reference::Network network({.c = 1, .h = 5, .w = 5}, support::fc_reference());
  support::copy_state(model, network);
  for (const std::size_t size : {127U, 1U, 128U, 2U}) {
    const Values x = support::random_values(size * 25, static_cast<std::uint32_t>(size));
    const auto images = support::batch_of<support::FcImage>(x);
    EXPECT_TRUE(support::near_relative("output", support::values_of(model.forward(images)),
                                       network.forward(x, static_cast<int>(size)), 1e-5));
    model.zero_grad();
    model.backward(images);
    network.backward(x);
    const auto parameters = network.parameters();
    const auto tensors = model.named_parameters();
    for (std::size_t i = 0; i < tensors.size(); ++i)
      EXPECT_TRUE(support::near_relative(tensors[i].name(), support::gradient_of(tensors[i]),
                                         *parameters[i].gradient, 1e-5));
  }
}

TEST(Invariants, ParallelCallersGetTheSameBits) {
  // A model in each thread of a caller's own region: kernels open no region inside of it.
  const Batch<ConvModel> batch(many_images, 1);
  ConvModel alone{Seed{1}};
  const Values expected = pass(alone, batch);
  std::vector<Values> got(2);
  omp_set_max_active_levels(4);  // nesting would be allowed
#pragma omp parallel num_threads(2)
  {
    ConvModel model{Seed{1}};
    got[static_cast<std::size_t>(omp_get_thread_num())] = pass(model, batch);
  }
  omp_set_max_active_levels(1);
  for (const Values& values : got) EXPECT_EQ(values, expected);
}

TEST(Invariants, KernelsOpenNoRegionInsideARegion) {
  std::vector<int> levels;
#pragma omp parallel num_threads(2)
#pragma omp single
  kernel::parallel_ranges(8, 1e9, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
    EXPECT_EQ(last - first, 8);
    levels.push_back(omp_get_level());
  });
  EXPECT_EQ(levels, std::vector<int>{1});
}

TEST(Invariants, NaNInAnImageShowsInTheLoss) {
  ConvModel model{Seed{1}};
  Adam adam{model.parameters()};
  Batch<ConvModel> batch(5, 1);
  EXPECT_TRUE(std::isfinite(train_step(model, adam, batch)));
  batch.images.array()(2, 1, 4, 3) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(train_step(model, adam, batch)));
  FcModel fc{Seed{1}};
  Adam fc_adam{fc.parameters()};
  Batch<FcModel> vectors(5, 1);
  vectors.images.array()(4, 0, 4, 4) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(train_step(fc, fc_adam, vectors)));
}

TEST(Invariants, RefusedCallsChangeNothing) {
  // Each of these throws; the next step must be the one that would have come anyway.
  ConvModel model{Seed{1}}, calm{Seed{1}};
  Adam adam{model.parameters()}, calm_adam{calm.parameters()};
  const Batch<ConvModel> batch(4, 1);
  train_step(model, adam, batch);
  train_step(calm, calm_adam, batch);
  EXPECT_THROW(model.forward(batch.images.images(0, 0)), std::invalid_argument);
  EXPECT_THROW(model.forward(batch.images.images(0, 1)), std::invalid_argument);  // BatchNorm1d
  EXPECT_THROW(model.backward(batch.targets.images(0, 3)), std::invalid_argument);
  EXPECT_THROW(model.parameter("nothing"), std::invalid_argument);
  EXPECT_THROW(model.parameter("0.0.bias").assign(xt::xtensor<float, 1>({3})),
               std::invalid_argument);
  EXPECT_THROW(clip_grad_norm(model.parameters(), -1.0), std::invalid_argument);
  EXPECT_EQ(train_step(model, adam, batch), train_step(calm, calm_adam, batch));
  EXPECT_EQ(support::values_of(model.parameter("0.0.weight")),
            support::values_of(calm.parameter("0.0.weight")));
}

}  // namespace
