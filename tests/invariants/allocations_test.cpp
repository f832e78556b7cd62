// SPDX-License-Identifier: MIT
// Invariant 3: nothing is allocated in an epoch of batches with clipped gradients, nor in the first
// step of a reserved model, nor by libraries behind operator new's back: counted_memory.hpp counts
// operator new, and what is taken with malloc shows in the heap's size.

#include "invariants/allocations.hpp"

#include <cstddef>
#include <cstdlib>

#include <gtest/gtest.h>

#include "invariants/training.hpp"

namespace allocations_test {

using namespace invariants;
using lamina::Adam;
using lamina::Model;
using lamina::Seed;
using lamina::SGD;

#if !defined(LAMINA_TEST_SANITIZER_OWNS_MALLOC)
TEST(Allocations, OfMallocAreSeen) {
  constexpr std::size_t bytes = std::size_t{1} << 16;
  void* volatile memory = nullptr;
  const Count count = allocations_of([&] { memory = std::malloc(bytes); });
  std::free(memory);
  EXPECT_GE(count.bytes, bytes);
  EXPECT_EQ(count.news, 0U);
}
#endif

/// Forward, loss, zero_grad, backward, clipping and an optimiser's step over all batches.
template <class M, class Parameters, class Optimiser, class Epoch>
void train_epoch(M& model, const Parameters& parameters, Optimiser& optimiser, Epoch& epoch) {
  for (const auto& [images, labels] : epoch) {
    const auto& output = model.forward(images);
    const auto [loss, gradient] = lamina::mse_loss(output, images);
    model.zero_grad();
    model.backward(gradient);
    lamina::clip_grad_norm(parameters, 1.0);
    optimiser.step();
  }
}

template <class Net>
void expect_training_allocates_nothing(int threads) {
  const support::WithThreads with(threads);
  const auto data = noise(70);  // two batches of 33 and a smaller one
  Model<Net, Image> model{Seed{1}};
  const auto parameters = model.parameters();
  Adam adam{model.parameters()};
  SGD sgd{model.parameters(), {.learning_rate = 1e-3F, .momentum = 0.9F}};
  auto epoch = lamina::batches(data, 33, lamina::Shuffle{Seed{1}});
  train_epoch(model, parameters, adam, epoch);
  expect_none("Adam", [&] {
    epoch.restart(lamina::Shuffle{Seed{1}, 1});
    train_epoch(model, parameters, adam, epoch);
  });
  expect_none("SGD", [&] { train_epoch(model, parameters, sgd, epoch); });
}

TEST(Allocations, TrainingStepMakesNone) {
  for (const int threads : {1, 2}) {
    expect_training_allocates_nothing<ConvNet>(threads);
    expect_training_allocates_nothing<FullyConnected>(threads);
    expect_training_allocates_nothing<Branched>(threads);
  }
}

TEST(Allocations, StepWithLabelsAndAConditionMakesNone) {
  const support::WithThreads with(1);  // the first use of more makes their pool
  using Classifier =
      lamina::Sequential<lamina::Conv2d<1, 8, 3, 1, 1>, lamina::AddCondition<5, 8>, lamina::SiLU,
                         lamina::MaxPool2d<2>, lamina::Flatten, lamina::Linear<512, 10>>;
  const auto images = noise_batch(33);
  const lamina::Tensor<lamina::Shape<5>> condition(33);
  const auto labels = noise(33).labels;
  Model<Classifier, Image> model{Seed{1}};
  model.reserve(33);
  expect_none("first step", [&] {
    const auto& logits = model.forward(images, condition);
    const auto [loss, gradient] = lamina::cross_entropy(logits, labels);
    model.zero_grad();
    model.backward(gradient);
    EXPECT_LE(lamina::accuracy(logits, labels), 1.0);
  });
}

TEST(Allocations, InferenceMakesNoneAfterTheFirstBatch) {
  const support::WithThreads with(2);
  const auto images = noise_batch(33);
  Model<ConvNet, Image> model{Seed{1}};
  model.eval();
  model.forward(images);
  expect_none("as large", [&] { model.forward(images); });
  expect_none("smaller", [&] { model.forward(images.images(3, 5)); });
  expect_none("a part", [&] { model.forward_part<0>(images); });
}

TEST(Allocations, ReservedModelMakesNoneInItsFirstStep) {
  const support::WithThreads with(1);
  const auto images = noise_batch(33);
  Model<ConvNet, Image> model{Seed{1}};
  model.reserve(33);
  expect_none("first step", [&] {
    const auto [loss, gradient] = lamina::mse_loss(model.forward(images), images);
    model.zero_grad();
    model.backward(gradient, lamina::Gradients::parameters_and_input);
  });
}

template <class Net>
void expect_reserved_as_planned() {
  using M = Model<Net, Image>;
  const auto plan = M::memory_plan(33);
  const std::size_t before = support::heap_use().aligned_bytes;
  const auto used = [&] { return support::heap_use().aligned_bytes - before; };
  M model{Seed{1}};
  model.eval();
  model.reserve(33);
  EXPECT_EQ(used(), plan.total() - plan.gradients - plan.differences) << "evaluation";
  model.train();
  model.reserve(33);
  EXPECT_EQ(used(), plan.total()) << "training";
}

TEST(Allocations, ReservedModelTakesWhatThePlanSays) {
  expect_reserved_as_planned<ConvNet>();
  expect_reserved_as_planned<Branched>();
}

}  // namespace allocations_test
