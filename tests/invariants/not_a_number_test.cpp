// SPDX-License-Identifier: MIT
// A value that is not a number is seen: it shows in the loss, stays within its own image in
// evaluation, and a model that it has reached is not saved.

#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>

#include <gtest/gtest.h>

#include "lamina/io/model_file.hpp"

#include "invariants/training.hpp"
#include "support/error_text.hpp"
#include "support/temporary_folder.hpp"

namespace not_a_number_test {

using namespace invariants;
using lamina::Model;
using lamina::Seed;

constexpr std::size_t images = 11;

lamina::Tensor<Image> batch_with_nan(std::size_t image, std::size_t value) {
  auto batch = noise_batch(images);
  batch.data()[image * Image::size + value] = std::numeric_limits<float>::quiet_NaN();
  return batch;
}

bool has_nan(std::span<const float> values) {
  bool found = false;
  for (const float value : values)
    found = found || std::isnan(value);
  return found;
}

template <class Net>
void expect_seen_in_the_loss() {
  const auto batch = batch_with_nan(4, 37);
  const auto target = noise_batch(images);
  Model<Net, Image> model{Seed{1}};
  for (const bool training : {true, false}) {
    model.train(training);
    const auto output = model.forward(batch);
    const lamina::TensorRef<Image> wanted = target;
    EXPECT_TRUE(std::isnan(lamina::mse_loss(output, wanted).value));
    EXPECT_TRUE(std::isnan(lamina::binary_cross_entropy(output, wanted).value));
    EXPECT_TRUE(std::isnan(lamina::binary_cross_entropy_with_logits(output, wanted).value));
  }
}

TEST(NotANumber, ShowsInTheLoss) {
  expect_seen_in_the_loss<ConvNet>();
  expect_seen_in_the_loss<FullyConnected>();
  expect_seen_in_the_loss<Branched>();
}

template <class Net>
void expect_other_images_untouched() {
  Model<Net, Image> model{Seed{1}};
  model.eval();
  const lamina::Tensor<Image> expected{model.forward(noise_batch(images))};
  for (std::size_t broken = 0; broken < images; ++broken) {
    for (const std::size_t value : {std::size_t{0}, std::size_t{100}, Image::size - 1}) {
      const auto batch = batch_with_nan(broken, value);
      const auto output = model.forward(batch);
      for (std::size_t i = 0; i < images; ++i) {
        const auto now = output.images(i, 1).span();
        if (i == broken)
          EXPECT_TRUE(has_nan(now)) << "image " << i;
        else
          EXPECT_TRUE(bits_of(now) == bits_of(expected.images(i, 1).span()))
              << "image " << i << " when " << broken << " has it at " << value;
      }
    }
  }
}

TEST(NotANumber, StaysInItsImageInEvaluation) {
  expect_other_images_untouched<ConvNet>();
  expect_other_images_untouched<FullyConnected>();
  expect_other_images_untouched<Branched>();
}

TEST(NotANumber, ModelThatItReachedIsNotSaved) {
  const support::TemporaryFolder folder;
  const auto file = folder / "model.safetensors";
  Model<ConvNet, Image> model{Seed{1}};
  lamina::Adam adam{model.parameters()};
  training_step(model, adam, noise_batch(images));
  lamina::save(model, file);
  const auto good = support::content(file);

  EXPECT_TRUE(std::isnan(training_step(model, adam, batch_with_nan(0, 5))));
  EXPECT_TRUE(has_nan(model.parameters().values));
  EXPECT_TRUE(
      support::says(support::error_text<std::runtime_error>([&] { lamina::save(model, file); }),
                    "nan", "was not saved"));
  EXPECT_EQ(support::content(file), good);
  EXPECT_EQ(folder.file_count(), 1U);
}

}  // namespace not_a_number_test
