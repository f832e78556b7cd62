// SPDX-License-Identifier: MIT
// Invariant 4: the same seed gives the same bits, for any number of threads and after save and
// resume; another seed gives others.

#include <array>
#include <cstdint>
#include <filesystem>

#include <gtest/gtest.h>

#include "lamina/io/state_file.hpp"

#include "invariants/training.hpp"
#include "support/temporary_folder.hpp"

namespace same_bits_test {

using namespace invariants;
using lamina::Adam;
using lamina::Cpu;
using lamina::Model;
using lamina::Precision;
using lamina::Seed;

constexpr int steps = 10;

struct Seeds {
  std::uint64_t model = 1;
  std::uint64_t order = 1;
};

/// Losses, parameters, running statistics and moments of a whole run.
template <class Net, Precision P = Precision::float32>
Bits run(int threads, Seeds seeds = {}) {
  const support::WithThreads with(threads);
  Model<Net, Image, Cpu, P> model{Seed{seeds.model}};
  Adam adam{model.parameters()};
  Bits bits = train(model, adam, 0, steps, seeds.order);
  for (const auto& state : {model.state(), adam.state()}) {
    const Bits more = bits_of(state);
    bits.insert(bits.end(), more.begin(), more.end());
  }
  return bits;
}

template <class Net, Precision P = Precision::float32>
void expect_threads_do_not_matter() {
  const Bits one = run<Net, P>(1);
  for (const int threads : {2, 5})
    EXPECT_TRUE((run<Net, P>(threads) == one)) << threads << " threads";
}

TEST(SameBits, ForAnyNumberOfThreadsConvolutions) {
  expect_threads_do_not_matter<ConvNet>();
}

TEST(SameBits, ForAnyNumberOfThreadsWithBFloat16) {
  expect_threads_do_not_matter<ConvNet, Precision::bfloat16>();
}

TEST(SameBits, ForAnyNumberOfThreadsFullyConnected) {
  expect_threads_do_not_matter<FullyConnected>();
}

TEST(SameBits, ForAnyNumberOfThreadsBranches) {
  expect_threads_do_not_matter<Branched>();
}

TEST(SameBits, ForTheSameSeedsOnly) {
  const Bits first = run<ConvNet>(2);
  EXPECT_TRUE(run<ConvNet>(2) == first);
  EXPECT_FALSE(run<ConvNet>(2, {.model = 2}) == first);
  EXPECT_FALSE(run<ConvNet>(2, {.order = 2}) == first);
}

/// Everything that a run needs to go on.
template <class M>
std::array<lamina::PrefixedState<Cpu>, 3> everything(M& model, Adam<Cpu>& adam) {
  return {{{"model.", model.state()},
           {"optimiser.", adam.state()},
           {"run.", {{}, {{"training_passes", &model.training_passes()}}}}}};
}

template <class Net>
void expect_resumed_run_is_the_same() {
  const support::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "run.safetensors";
  Model<Net, Image> straight{Seed{1}};
  Adam adam{straight.parameters()};
  train(straight, adam, 0, steps / 2, 1);
  lamina::save_states<Cpu>(file, everything(straight, adam));
  const Bits losses = train(straight, adam, steps / 2, steps, 1);

  Model<Net, Image> resumed{Seed{1}};
  Adam resumed_adam{resumed.parameters()};
  train(resumed, resumed_adam, 0, 1, 99);  // loading replaces whatever was there
  lamina::load_states<Cpu>(file, everything(resumed, resumed_adam));
  EXPECT_TRUE(train(resumed, resumed_adam, steps / 2, steps, 1) == losses);
  EXPECT_TRUE(bits_of(resumed.state()) == bits_of(straight.state()));
  EXPECT_TRUE(bits_of(resumed_adam.state()) == bits_of(adam.state()));
}

TEST(SameBits, AfterSaveAndResumeConvolutions) {
  expect_resumed_run_is_the_same<ConvNet>();
}

TEST(SameBits, AfterSaveAndResumeFullyConnected) {
  expect_resumed_run_is_the_same<FullyConnected>();
}

}  // namespace same_bits_test
