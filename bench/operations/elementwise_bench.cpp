// SPDX-License-Identifier: MIT
// Activations and losses, values and gradients, over arrays that fit into a large cache (64 x 14 x 14, batch
// 128) and that do not (64 x 32 x 32). Each is compared with the reference in double precision before it is
// timed.
//
// What has to be moved at least: an activation reads x and writes y (8 bytes a value), its gradient reads y
// and dy and writes dx (12); a loss reads predictions and targets (8), its gradient writes one more (12).

#include <cstddef>
#include <cstdint>
#include <string>

#include <benchmark/benchmark.h>

#include "lamina/lamina.hpp"

#include "common/beside_bandwidth.hpp"
#include "common/rows.hpp"
#include "reference/activations.hpp"
#include "reference/losses.hpp"
#include "support/model_values.hpp"
#include "support/with_threads.hpp"

namespace {

using namespace lamina;
using bench::is_near;
using reference::Values;

using Numbers = Memory<Cpu>;

constexpr std::size_t batch = 128;
constexpr std::size_t compared = 4099;  // with a rest behind the last vector

/// Values between `low` and `high`.
Numbers random_numbers(std::size_t count, std::uint32_t seed, float low, float high) {
  Numbers numbers(count);
  const Values values = support::random_values(count, seed);
  for (std::size_t i = 0; i < count; ++i)
    numbers.data()[i] = low + (high - low) * (static_cast<float>(values[i]) + 1.0F) / 2.0F;
  return numbers;
}

Values doubles(const Numbers& numbers) {
  return {numbers.span().begin(), numbers.span().end()};
}

/// x to y, and dy to dx.
struct ActivationArrays {
  explicit ActivationArrays(std::size_t count)
      : x(random_numbers(count, 1, -4.0F, 4.0F)),
        dy(random_numbers(count, 2, -1.0F, 1.0F)),
        y(count),
        dx(count) {}

  template <class Function>
  void forward() {
    Cpu::activation<Function>(x.size(), x.data(), y.data());
  }
  /// After forward.
  template <class Function>
  void gradient() {
    Cpu::activation_gradient<Function>(x.size(), y.data(), dy.data(), dx.data());
  }

  Numbers x, dy, y, dx;
};

/// The reference's functions of x, and of x and dy.
struct ExpectedActivation {
  Values (*value)(const Values&);
  Values (*gradient)(const Values&, const Values&);
};

template <class Function>
bool is_right(const ExpectedActivation& expected) {
  ActivationArrays arrays(compared);
  arrays.forward<Function>();
  arrays.gradient<Function>();
  const Values x = doubles(arrays.x);
  return is_near(arrays.y.span(), expected.value(x)) &&
         is_near(arrays.dx.span(), expected.gradient(x, doubles(arrays.dy)));
}

template <class Function>
void time_activation(benchmark::State& state, std::size_t count,
                     const ExpectedActivation& expected) {
  if (!bench::may_be_timed(state, is_right<Function>(expected))) return;
  const support::WithThreads with(static_cast<int>(state.range(0)));
  ActivationArrays arrays(count);
  bench::run_beside_bandwidth(
      state, [&] { return bench::plain_pass<1, 1>(count, {arrays.x.data()}, {arrays.y.data()}); },
      [&] { arrays.forward<Function>(); });
}

template <class Function>
void time_activation_gradient(benchmark::State& state, std::size_t count,
                              const ExpectedActivation& expected) {
  if (!bench::may_be_timed(state, is_right<Function>(expected))) return;
  const support::WithThreads with(static_cast<int>(state.range(0)));
  ActivationArrays arrays(count);
  arrays.forward<Function>();
  bench::run_beside_bandwidth(
      state,
      [&] {
        return bench::plain_pass<2, 1>(count, {arrays.y.data(), arrays.dy.data()},
                                       {arrays.dx.data()});
      },
      [&] { arrays.gradient<Function>(); });
}

/// Predictions between `low` and `high`, targets between 0 and 1.
struct LossArrays {
  LossArrays(std::size_t count, float low, float high)
      : prediction(random_numbers(count, 1, low, high)),
        target(random_numbers(count, 2, 0.0F, 1.0F)),
        dx(count) {}

  template <class Function>
  double value() const {
    return Cpu::loss_sum<Function>(target.size(), prediction.data(), target.data());
  }
  template <class Function>
  void gradient() {
    Cpu::loss_gradient<Function>(target.size(), prediction.data(), target.data(), 1.0F, dx.data());
  }

  Numbers prediction, target, dx;
};

struct ExpectedLoss {
  reference::Loss (*of)(const Values&, const Values&, reference::Reduction);
  float low, high;  ///< what predictions can be
};

template <class Function>
bool is_right(const ExpectedLoss& expected) {
  LossArrays arrays(compared, expected.low, expected.high);
  arrays.gradient<Function>();
  const auto [value, gradient] =
      expected.of(doubles(arrays.prediction), doubles(arrays.target), reference::Reduction::sum);
  return is_near(Values{arrays.value<Function>()}, Values{value}) &&
         is_near(arrays.dx.span(), gradient);
}

template <class Function>
void time_loss(benchmark::State& state, std::size_t count, const ExpectedLoss& expected) {
  if (!bench::may_be_timed(state, is_right<Function>(expected))) return;
  const support::WithThreads with(static_cast<int>(state.range(0)));
  const LossArrays arrays(count, expected.low, expected.high);
  bench::run_beside_bandwidth(
      state,
      [&] {
        return bench::plain_pass<2, 0>(count, {arrays.prediction.data(), arrays.target.data()}, {});
      },
      [&] { benchmark::DoNotOptimize(arrays.value<Function>()); });
}

template <class Function>
void time_loss_gradient(benchmark::State& state, std::size_t count, const ExpectedLoss& expected) {
  if (!bench::may_be_timed(state, is_right<Function>(expected))) return;
  const support::WithThreads with(static_cast<int>(state.range(0)));
  LossArrays arrays(count, expected.low, expected.high);
  bench::run_beside_bandwidth(
      state,
      [&] {
        return bench::plain_pass<2, 1>(count, {arrays.prediction.data(), arrays.target.data()},
                                       {arrays.dx.data()});
      },
      [&] { arrays.gradient<Function>(); });
}

/// A row for each size.
template <class Expectation>
void add(const std::string& name, void (*time)(benchmark::State&, std::size_t, const Expectation&),
         const Expectation& expected) {
  for (const int side : {14, 32}) {
    const auto pixels = static_cast<std::size_t>(side * side);
    const std::string size = ", 64x" + std::to_string(side) + "x" + std::to_string(side);
    benchmark::RegisterBenchmark((name + size).c_str(), time, batch * 64 * pixels, expected)
        ->Apply(bench::on_one_and_two_threads)
        ->Unit(benchmark::kMicrosecond);
  }
}

template <class Function>
void add_activation(const std::string& name, const ExpectedActivation& expected) {
  add(name + "/forward", time_activation<Function>, expected);
  add(name + "/gradient", time_activation_gradient<Function>, expected);
}

template <class Function>
void add_loss(const std::string& name, const ExpectedLoss& expected) {
  add(name + "/value", time_loss<Function>, expected);
  add(name + "/gradient", time_loss_gradient<Function>, expected);
}

void add_all() {
  using namespace reference;
  add_activation<ReLU>("ReLU", {relu, relu_backward});
  add_activation<LeakyReLU<0.2>>(
      "LeakyReLU<0.2>",
      {[](const Values& x) { return leaky_relu(x, 0.2); },
       [](const Values& x, const Values& dy) { return leaky_relu_backward(x, dy, 0.2); }});
  add_activation<Sigmoid>("Sigmoid", {sigmoid, sigmoid_backward});
  add_activation<Tanh>("Tanh", {reference::tanh, tanh_backward});
  add_loss<SquaredError>("MSE", {reference::mse_loss, -1.0F, 1.0F});
  add_loss<CrossEntropyOfProbability>("BCE", {reference::binary_cross_entropy, 0.01F, 0.99F});
  add_loss<CrossEntropyOfLogit>("BCE of logits",
                                {reference::binary_cross_entropy_with_logits, -4.0F, 4.0F});
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_rows(argc, argv, add_all);
}
