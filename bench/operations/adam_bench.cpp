// SPDX-License-Identifier: MIT
// Steps of Adam and SGD over 0.25 to 16 million parameters. Each is compared with the reference in double
// precision for three steps before it is timed.
//
// What has to be moved at least: Adam reads gradients, and reads and writes values and both moments (28 bytes
// a parameter); SGD reads gradients, reads and writes values (12) and with momentum the velocity (20).

#include <array>
#include <cstddef>

#include <benchmark/benchmark.h>

#include "lamina/lamina.hpp"

#include "common/beside_bandwidth.hpp"
#include "common/rows.hpp"
#include "reference/optim.hpp"
#include "support/with_threads.hpp"

namespace {

using namespace lamina;
using reference::Values;

struct Arrays {
  explicit Arrays(std::size_t count) : values(count), gradients(count) {
    Cpu::normal(count, Philox(Seed{1}, Stream::initialisation), 0, values.data());
    Cpu::normal(count, Philox(Seed{1}, Stream::noise), 0, gradients.data());
  }
  Parameters<Cpu> parameters() { return {values.span(), gradients.span(), {}}; }

  Memory<Cpu> values, gradients;
};

Values doubles(const Memory<Cpu>& numbers) {
  return {numbers.span().begin(), numbers.span().end()};
}

/// An optimiser, the reference's with the same options, and how many arrays of state it keeps.
struct OfAdam {
  static constexpr std::size_t state = 2;
  static Adam<Cpu> make(Arrays& arrays) { return Adam{arrays.parameters()}; }
  static reference::Adam expected() { return reference::Adam({}); }
};
struct OfSgd {
  static constexpr std::size_t state = 0;
  static SGD<Cpu> make(Arrays& arrays) { return {arrays.parameters(), {.learning_rate = 1e-3F}}; }
  static reference::Sgd expected() { return reference::Sgd({.learning_rate = 1e-3}); }
};
struct OfMomentum {
  static constexpr std::size_t state = 1;
  static SGD<Cpu> make(Arrays& arrays) {
    return {arrays.parameters(), {.learning_rate = 1e-3F, .momentum = 0.9F}};
  }
  static reference::Sgd expected() {
    return reference::Sgd({.learning_rate = 1e-3, .momentum = 0.9});
  }
};

/// Whether the steps themselves are right: values that start at zero are nothing but steps.
template <class Kind>
bool is_right() {
  Arrays arrays(4099);  // with a rest behind the last vector
  Cpu::fill(arrays.values.size(), 0.0F, arrays.values.data());
  auto optimiser = Kind::make(arrays);
  auto expected = Kind::expected();
  Values values = doubles(arrays.values);
  for (int step = 0; step < 3; ++step) {
    optimiser.step();
    expected.step(values, doubles(arrays.gradients));
  }
  return bench::is_near(arrays.values.span(), values);
}

/// Reads and writes values and as many arrays of state, reads gradients.
template <std::size_t State>
double plain(Arrays& arrays, std::array<Memory<Cpu>, State>& state) {
  std::array<const float*, State + 2> from{};
  std::array<float*, State + 1> to{};
  for (std::size_t i = 0; i < State; ++i)
    from[i] = to[i] = state[i].data();
  from[State] = to[State] = arrays.values.data();
  from[State + 1] = arrays.gradients.data();
  return bench::plain_pass(arrays.values.size(), from, to);
}

template <class Kind>
void time(benchmark::State& state) {
  if (!bench::may_be_timed(state, is_right<Kind>())) return;
  const support::WithThreads with(static_cast<int>(state.range(0)));
  const auto count = static_cast<std::size_t>(state.range(1));
  Arrays arrays(count);
  auto optimiser = Kind::make(arrays);
  std::array<Memory<Cpu>, Kind::state> like_its_state;
  for (auto& memory : like_its_state)
    memory = Memory<Cpu>(count);
  bench::run_beside_bandwidth(
      state, [&] { return plain(arrays, like_its_state); }, [&] { optimiser.step(); });
}

void all(benchmark::internal::Benchmark* row) {
  row->ArgNames({"threads", "parameters"})
      ->ArgsProduct({{1, 2}, {1 << 18, 1 << 20, 1 << 22, 1 << 24}})
      ->UseManualTime()
      ->Unit(benchmark::kMicrosecond);
}

BENCHMARK(time<OfAdam>)->Name("Adam")->Apply(all);
BENCHMARK(time<OfSgd>)->Name("SGD")->Apply(all);
BENCHMARK(time<OfMomentum>)->Name("SGD, momentum")->Apply(all);

}  // namespace
