// SPDX-License-Identifier: MIT
// Diffusion: noising, loss, gradients and sampling against the same model in double precision, the
// draws, the steps that a sampler visits, and the same bits for any number of threads.

#include "lamina/generative/diffusion.hpp"

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "generative/checks.hpp"
#include "invariants/training.hpp"
#include "reference/diffusion.hpp"
#include "reference/losses.hpp"
#include "support/error_text.hpp"

namespace diffusion_test {

using namespace lamina;
using reference::Values;
using Steps = std::vector<std::int32_t>;

constexpr std::size_t images = 3;
constexpr std::size_t features = 6;
using Image = Shape<1, 4, 4>;
using Net =
    Sequential<Conv2d<1, 4, 3, 1, 1>, AddCondition<features, 4>, Tanh, Conv2d<4, 1, 3, 1, 1>>;
using SmallDiffusion = Diffusion<Net, Image>;
static_assert(std::same_as<SmallDiffusion::Condition, Shape<features>>);

SmallDiffusion small_diffusion(NoiseSchedule schedule = NoiseSchedule::cosine(10)) {
  SmallDiffusion diffusion(Seed{1}, std::move(schedule));
  generative::randomise(diffusion.model(), 10);
  return diffusion;
}

// What goes in.
const Values x = support::random_values(images * Image::size, 1);
const Values noise = support::random_values(images * Image::size, 2);
const Tensor<Image> x_batch = support::batch_of<Image>(x);
const Tensor<Image> noise_batch = support::batch_of<Image>(noise);
const Steps steps{9, 0, 4};

Values embedding_of(const Steps& of, std::size_t size = features) {
  std::vector<float> values(of.size() * size);
  sinusoidal_embedding(of, size, values);
  return {values.begin(), values.end()};
}

/// The same in double precision.
struct ReferenceDiffusion {
  explicit ReferenceDiffusion(SmallDiffusion& diffusion) : schedule(diffusion.schedule()) {
    support::copy_state(diffusion.model(), network);
  }

  Values noisy() const {
    Values result(x.size());
    for (std::size_t i = 0; i < result.size(); ++i) {
      const auto t = static_cast<std::size_t>(steps[i / Image::size]);
      result[i] = schedule.signal(t) * x[i] + schedule.noise(t) * noise[i];
    }
    return result;
  }
  Values seen(const Values& in, const Steps& at) {
    network.set_condition(embedding_of(at));
    return network.forward(in, static_cast<int>(at.size()));
  }
  double loss() { return reference::mse_loss(seen(noisy(), steps), noise).value; }

  NoiseSchedule schedule;
  reference::Network network{
      {.c = 1, .h = 4, .w = 4},
      {reference::layer::conv2d(4, 3, 1, 1), reference::layer::add_condition(features),
       reference::layer::tanh(), reference::layer::conv2d(1, 3, 1, 1)}};
};

// Float32 sums of some tens of products are off by a few 1e-7 of the result.
constexpr double tolerance = 2e-6;

TEST(SinusoidalEmbedding, IsThatOfNumpy) {
  // w = np.exp(-np.log(10000) * np.arange(3) / 3); a = np.array([0, 1, 10, 999])[:, None] * w
  // np.concatenate([np.sin(a), np.cos(a)], 1)
  const Values expected{0.0,         0.0,        0.0,        1.0,         1.0,        1.0,
                        0.84147098,  0.04639922, 0.00215443, 0.54030231,  0.99892298, 0.99999768,
                        -0.54402111, 0.44767083, 0.02154268, -0.83907153, 0.89419843, 0.99976793,
                        -0.02646075, 0.68486423, 0.8356485,  0.99964985,  -0.7286707, -0.54926458};
  // Half a unit in the last digit above, and float32's rounding.
  EXPECT_TRUE(
      support::near_scaled("embedding", embedding_of({0, 1, 10, 999}), expected, 7e-8, 1.0));
}

TEST(SinusoidalEmbedding, RefusesOddFeaturesAndOtherRoom) {
  std::vector<float> room(10);
  const Steps two{1, 2};
  const auto odd =
      support::error_text<std::invalid_argument>([&] { sinusoidal_embedding(two, 5, room); });
  EXPECT_TRUE(support::says(odd, "2 steps in 5 features, an even number"));
  const auto small =
      support::error_text<std::invalid_argument>([&] { sinusoidal_embedding(two, 6, room); });
  EXPECT_TRUE(support::says(small, "6 features", "room for 10 values"));
}

TEST(Diffusion, AddsNoiseByTheSchedule) {
  SmallDiffusion diffusion = small_diffusion();
  const ReferenceDiffusion expected(diffusion);
  EXPECT_TRUE(support::near_relative(
      "noisy", support::values_of(diffusion.add_noise(x_batch, steps, noise_batch)),
      expected.noisy(), 3e-7));  // two products and a sum, each rounding by 6e-8 of the largest
}

TEST(Diffusion, LossAndGradientsMatchDifferences) {
  SmallDiffusion diffusion = small_diffusion();
  ReferenceDiffusion expected(diffusion);
  for (const double times : {1.0, 2.0}) {  // the second backward adds
    EXPECT_NEAR(diffusion.forward(x_batch, steps, noise_batch), expected.loss(), tolerance);
    if (times == 1.0) diffusion.model().zero_grad();
    diffusion.backward();
    generative::expect_gradients(
        "model", diffusion.model(), expected.network, [&] { return expected.loss(); }, times);
  }
}

/// A draw's standard normal noise for `count` images.
Tensor<Image> noise_of_draw(std::uint64_t draw, std::size_t count) {
  const Philox philox(Seed{1}, Stream::noise);
  Tensor<Image> drawn(count);
  for (std::size_t i = 0; i < count * Image::size; ++i)
    drawn.data()[i] = normal(philox, draw, i);
  return drawn;
}

TEST(Diffusion, DrawsEveryStepAlike) {
  // Which step a draw of one image took shows in its loss, to the bit. 400 draws of 10 steps: 40 each,
  // within four standard errors of 6.
  SmallDiffusion diffusion = small_diffusion();
  const TensorRef<Image> one = x_batch.images(0, 1);
  std::array<int, 10> count{};
  for (std::uint64_t draw = 0; draw < 400; ++draw) {
    const double loss = diffusion.forward(one, draw);
    const Tensor<Image> drawn = noise_of_draw(draw, 1);
    int found = 0;
    for (std::size_t t = 0; t < count.size(); ++t)
      if (diffusion.forward(one, Steps{static_cast<std::int32_t>(t)}, drawn) == loss) {
        ++count[t];
        ++found;
      }
    ASSERT_EQ(found, 1) << "draw " << draw;
  }
  for (const int times : count)
    EXPECT_NEAR(times, 40, 24);
}

TEST(Diffusion, ImagesOfABatchTakeStepsOfTheirOwn) {
  SmallDiffusion diffusion = small_diffusion();
  const TensorRef<Image> two = x_batch.images(0, 2);
  int different = 0;
  for (std::uint64_t draw = 0; draw < 10; ++draw) {
    const double loss = diffusion.forward(two, draw);
    const Tensor<Image> drawn = noise_of_draw(draw, 2);
    for (std::int32_t first = 0; first < 10; ++first)
      for (std::int32_t second = 0; second < 10; ++second)
        if (diffusion.forward(two, Steps{first, second}, drawn) == loss)
          different += first != second ? 1 : 0;
  }
  EXPECT_GE(different, 5);  // nine of ten draws on average
}

TEST(Diffusion, SameDrawSameLoss) {
  SmallDiffusion one = small_diffusion(), other = small_diffusion();
  const double loss = one.forward(x_batch, 5);
  EXPECT_EQ(other.forward(x_batch, 5), loss);
  EXPECT_NE(one.forward(x_batch, 6), loss);
  EXPECT_EQ(one.forward(x_batch, 5), loss);
}

/// All that a sampler shows: steps, and x before each.
struct Path {
  Steps steps;
  std::vector<Values> x;
};
Path path_of(SmallDiffusion& diffusion, const Sampler& sampler, std::uint64_t draw = 0) {
  Path path;
  const auto result = diffusion.sample(images, sampler, draw, [&](std::int32_t t, const auto& now) {
    path.steps.push_back(t);
    path.x.push_back(support::values_of(now));
  });
  EXPECT_EQ(support::values_of(result), path.x.back());
  return path;
}

TEST(Diffusion, SamplerVisitsStepsEvenlySpread) {
  SmallDiffusion ten = small_diffusion(), thousand = small_diffusion(NoiseSchedule::linear(1000));
  EXPECT_EQ(path_of(ten, {10, 1.0}).steps, (Steps{9, 8, 7, 6, 5, 4, 3, 2, 1, 0, -1}));
  EXPECT_EQ(path_of(ten, {5, 0.0}).steps, (Steps{9, 7, 5, 3, 1, -1}));
  EXPECT_EQ(path_of(ten, {4, 0.0}).steps, (Steps{9, 6, 4, 1, -1}));
  EXPECT_EQ(path_of(ten, {1, 0.0}).steps, (Steps{9, -1}));
  EXPECT_EQ(path_of(thousand, {8, 0.0}).steps, (Steps{999, 874, 749, 624, 499, 374, 249, 124, -1}));
}

TEST(Diffusion, DdimStepsMatchReference) {
  // From each x that is visited to the next. An error of 1e-6 in the noise that is seen, divided by
  // the share of the image (0.012 in the first step), is clipped away or scaled down again.
  for (const std::size_t count : {10U, 4U}) {
    SmallDiffusion diffusion = small_diffusion();
    ReferenceDiffusion expected(diffusion);
    const Path path = path_of(diffusion, {count, 0.0});
    ASSERT_EQ(path.steps.size(), count + 1);
    for (std::size_t i = 0; i < count; ++i) {
      const auto t = static_cast<std::size_t>(path.steps[i]);
      const auto before = static_cast<std::size_t>(path.steps[i + 1]);
      const bool end = i + 1 == count;  // lands on the image
      const auto& schedule = expected.schedule;
      const Values next = reference::denoise(
          {schedule.signal(t), schedule.noise(t), end ? 1.0 : schedule.signal(before),
           end ? 0.0 : schedule.noise(before), 0.0},
          path.x[i], expected.seen(path.x[i], Steps(images, path.steps[i])), Values(x.size()));
      EXPECT_TRUE(support::near_scaled("x after step " + std::to_string(t), path.x[i + 1], next,
                                       2e-5, 1.0));
    }
  }
}

TEST(Diffusion, EndsInTheRangeOfImages) {
  SmallDiffusion diffusion = small_diffusion();
  for (const Sampler& sampler : {Sampler{10, 1.0}, Sampler{3, 0.0}}) {
    const Path path = path_of(diffusion, sampler);
    EXPECT_GT(support::max_abs(path.x.front()), 1.5) << "starts as noise";
    EXPECT_LE(support::max_abs(path.x.back()), 1.0);
  }
}

/// The mean of a[i] * b[i].
double mean_product(const Values& a, const Values& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += a[i] * b[i];
  return sum / static_cast<double>(a.size());
}

TEST(Diffusion, FreshNoiseIsStandardNormalAndNewInEachStep) {
  // A model that sees no noise at all leaves the fresh noise as the only unknown of a step.
  SmallDiffusion diffusion = small_diffusion();
  for (float& value : diffusion.model().parameters().values)
    value = 0.0F;
  std::vector<Values> drawn;
  Values now;
  std::int32_t t = 0;
  diffusion.sample(60, {10, 1.0}, 0, [&](std::int32_t next_t, const TensorRef<Image>& batch) {
    const Values next = support::values_of(batch);
    if (drawn.empty()) drawn.push_back(next);  // where it starts
    if (!now.empty() && next_t >= 0) {
      const DenoiseStep step = diffusion.schedule().step(t, next_t, 1.0);
      const Values unmoved =
          reference::denoise({step.signal, step.noise, step.signal_before, step.direction, 0.0},
                             now, Values(now.size()), Values(now.size()));
      Values fresh(now.size());
      for (std::size_t i = 0; i < fresh.size(); ++i)
        fresh[i] = (next[i] - unmoved[i]) / static_cast<double>(step.spread);
      drawn.push_back(fresh);
    }
    now = next;
    t = next_t;
  });
  ASSERT_EQ(drawn.size(), 10U);
  // 960 values each, within four standard errors: of a mean and of a product of two independent
  // values 1 / sqrt(960), of a square sqrt(2 / 960).
  const double error = 1.0 / std::sqrt(960.0);
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    ASSERT_EQ(drawn[i].size(), 960U);
    EXPECT_NEAR(mean_product(drawn[i], Values(960, 1.0)), 0.0, 4 * error) << i;
    EXPECT_NEAR(mean_product(drawn[i], drawn[i]), 1.0, 4 * error * std::sqrt(2.0)) << i;
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_NEAR(mean_product(drawn[i], drawn[j]), 0.0, 4 * error) << i << " and " << j;
  }
}

TEST(Diffusion, SameDrawSameImages) {
  for (const double eta : {0.0, 1.0}) {
    SmallDiffusion one = small_diffusion(), other = small_diffusion();
    const auto first = path_of(one, {5, eta}, 3).x;
    EXPECT_EQ(path_of(other, {5, eta}, 3).x, first);
    EXPECT_NE(path_of(one, {5, eta}, 4).x.back(), first.back());
    EXPECT_EQ(path_of(one, {5, eta}, 3).x, first);
  }
}

TEST(Diffusion, SamplesWithoutAVisitor) {
  SmallDiffusion diffusion = small_diffusion();
  const Values expected = path_of(diffusion, {5, 1.0}, 3).x.back();
  EXPECT_EQ(support::values_of(diffusion.sample(images, {5, 1.0}, 3)), expected);
}

TEST(Diffusion, RefusesWhatTheProcessDoesNotHave) {
  SmallDiffusion diffusion = small_diffusion();
  const auto text_of = [](const auto& action) {
    return support::error_text<std::invalid_argument>(action);
  };
  using support::says;
  const Steps two{1, 2}, late{0, 10, 0}, early{0, 0, -1};
  const Tensor<Image> less(images - 1);
  EXPECT_TRUE(says(text_of([&] { diffusion.forward(x_batch, two, noise_batch); }),
                   "3 images, 2 steps and noise for 3"));
  EXPECT_TRUE(says(text_of([&] { diffusion.forward(x_batch, steps, less); }),
                   "3 images, 3 steps and noise for 2"));
  EXPECT_TRUE(says(text_of([&] { diffusion.add_noise(x_batch, two, noise_batch); }),
                   "3 images, 2 steps and noise for 3"));
  EXPECT_TRUE(says(text_of([&] { diffusion.forward(x_batch, late, noise_batch); }),
                   "step 10 of a process of 10 steps, counted from 0"));
  EXPECT_TRUE(says(text_of([&] { diffusion.forward(x_batch, early, noise_batch); }), "step -1"));
  EXPECT_TRUE(says(text_of([&] { diffusion.sample(1, {0, 0.0}, 0); }), "1 to 10 steps, got 0"));
  EXPECT_TRUE(says(text_of([&] { diffusion.sample(1, {11, 0.0}, 0); }), "1 to 10 steps, got 11"));
}

/// Training and sampling with batches of 27,200 values, enough for threads.
invariants::Bits training_bits(int threads) {
  using Large = Shape<1, 16, 17>;
  const support::WithThreads with(threads);
  Diffusion<Net, Large> diffusion(Seed{1}, NoiseSchedule::cosine(10));
  Adam adam{diffusion.model().parameters()};
  const auto batch = support::batch_of<Large>(support::random_values(100 * Large::size, 3));
  invariants::Bits bits;
  for (std::uint64_t step = 0; step < 2; ++step) {
    const auto loss = static_cast<float>(diffusion.forward(batch, step));
    diffusion.model().zero_grad();
    diffusion.backward();
    adam.step();
    invariants::append(bits, {&loss, 1});
  }
  invariants::append(bits, diffusion.model().parameters().values);
  invariants::append(bits, diffusion.sample(100, {2, 1.0}, 0).span());
  return bits;
}

TEST(Diffusion, ThreadsDoNotMatter) {
  const auto one = training_bits(1);
  for (const int threads : {2, 5})
    EXPECT_EQ(training_bits(threads), one) << threads << " threads";
}

}  // namespace diffusion_test
