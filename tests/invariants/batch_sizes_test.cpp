// SPDX-License-Identifier: MIT
// Invariant 2: the batch is dynamic. Whatever sizes ran before on a model, a batch gives the bits
// that it gives on a fresh model with the same parameters.

#include <array>
#include <cstddef>

#include <gtest/gtest.h>

#include "invariants/training.hpp"

namespace batch_sizes_test {

using namespace invariants;
using lamina::Model;
using lamina::Seed;

/// Output, running statistics and all gradients of one step.
template <class M>
Bits step_bits(M& model, std::size_t images) {
  const auto batch = noise_batch(images, images);
  const auto target = noise_batch(images, images + 1000);
  const auto output = model.forward(batch);
  Bits bits = bits_of(output.span());
  model.zero_grad();
  model.backward(lamina::mse_loss(output, target).gradient,
                 lamina::Gradients::parameters_and_input);
  append(bits, model.parameters().gradients);
  append(bits, model.input_gradient().span());
  const Bits state = bits_of(model.state());
  bits.insert(bits.end(), state.begin(), state.end());
  return bits;
}

/// A fresh model in the state of another: parameters, statistics, and what random draws depend on.
template <class M>
M fresh_like(M& other) {
  M model{Seed{1}};
  const auto from = other.state();
  const auto to = model.state();
  std::vector<float> values;
  for (std::size_t i = 0; i < from.tensors.size(); ++i) {
    values.resize(from.tensors[i].size());
    from.tensors[i].read(values);
    auto tensor = to.tensors[i];
    tensor.write(values);
  }
  for (std::size_t i = 0; i < from.counters.size(); ++i)
    *to.counters[i].value = *from.counters[i].value;
  model.training_passes() = other.training_passes();
  model.train(other.training());
  return model;
}

template <class Net>
void expect_sizes_do_not_matter(bool training) {
  constexpr std::array<std::array<std::size_t, 4>, 3> orders{
      {{128, 127, 2, 1}, {1, 2, 127, 128}, {2, 128, 1, 127}}};
  for (const auto& order : orders) {
    Model<Net, Image> used{Seed{1}};
    used.train(training);
    for (const std::size_t images : order) {
      auto fresh = fresh_like(used);
      EXPECT_TRUE(step_bits(used, images) == step_bits(fresh, images))
          << images << " images, the first batch had " << order[0];
    }
  }
}

TEST(BatchSizes, AnyOrderGivesTheBitsOfAFreshModelInTraining) {
  expect_sizes_do_not_matter<ConvNet>(true);
  expect_sizes_do_not_matter<FullyConnected>(true);
  expect_sizes_do_not_matter<Branched>(true);
}

TEST(BatchSizes, AnyOrderGivesTheBitsOfAFreshModelInEvaluation) {
  expect_sizes_do_not_matter<ConvNet>(false);
  expect_sizes_do_not_matter<FullyConnected>(false);
  expect_sizes_do_not_matter<Branched>(false);
}

TEST(BatchSizes, ReservingMoreThanABatchChangesNoBit) {
  Model<ConvNet, Image> roomy{Seed{1}};
  roomy.reserve(200);
  Model<ConvNet, Image> exact{Seed{1}};
  EXPECT_TRUE(step_bits(roomy, 33) == step_bits(exact, 33));
}

}  // namespace batch_sizes_test
