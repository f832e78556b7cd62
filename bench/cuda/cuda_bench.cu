// SPDX-License-Identifier: MIT
// Whole training steps of the networks of the practical on an NVIDIA GPU: forward, loss, backward, optimiser; of
// a GAN both sides. Each is timed as it is and as a captured step, in rounds from an idle device to an idle device.
// Nominal FLOPs are those of convolutions and linear layers.
//   lamina_cuda_bench [--steps N]   N steps a round, 50 without it

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include "lamina/cuda.hpp"

#include "common/training_steps.hpp"

namespace {

using namespace lamina;

/// Pixels in [0, 1) that depend on nothing but their number.
template <class Image>
Tensor<Image, Cuda> random_images(std::size_t images) {
  const Philox philox(Seed{1}, Stream::noise);
  std::vector<float> values(images * Image::size);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = uniform(philox.word(0, i));
  Tensor<Image, Cuda> batch(images);
  Cuda::copy_from_host(values.size(), values.data(), batch.data());
  return batch;
}

/// Runs a step as it is.
struct Plainly {
  template <class Step>
  void operator()(std::size_t, const Step& step) const {
    step();
  }
};

/// The median of some rounds, in seconds a step.
template <class Step, class Run>
double seconds(std::size_t batch, int steps, Run run) {
  constexpr int rounds = 9;
  Step step;
  const auto images = random_images<typename Step::Image>(batch);
  std::array<double, rounds> times{};
  // Two rounds beside: libraries choose their algorithms, memory is allocated, the step is recorded.
  for (int round = -2; round < rounds; ++round) {
    Cuda::synchronize();
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < steps; ++i)
      run(batch, [&] { step(images); });
    Cuda::synchronize();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (round >= 0) times[static_cast<std::size_t>(round)] = took.count() / steps;
  }
  std::ranges::nth_element(times, times.begin() + rounds / 2);
  return times[rounds / 2];
}

template <class Step>
void time(const char* name, const char* math, int steps) {
  const auto show = [&](const char* how, std::size_t batch, double took) {
    const auto images = static_cast<double>(batch);
    std::printf("%-9s %-4s %-9s batch %4zu  %9.3f ms a step  %11.0f images/s  %8.2f TFLOP/s\n",
                name, math, how, batch, 1e3 * took, images / took,
                1e-12 * Step::flops_per_image * images / took);
    std::fflush(stdout);
  };
  for (const std::size_t batch : {std::size_t{128}, std::size_t{1024}}) {
    show("plain", batch, seconds<Step>(batch, steps, Plainly{}));
    const auto every = static_cast<std::size_t>(steps);
    show("captured", batch, seconds<Step>(batch, steps, CapturedStep<Cuda>(every)));
  }
}

template <Precision P>
void time_all(const char* math, int steps) {
  bench::for_each_training_step<Cuda, P>(
      [&]<class Step>(const char* name) { time<Step>(name, math, steps); });
}

}  // namespace

int main(int argc, char** argv) {
  int steps = 50;
  if (argc == 3 && std::strcmp(argv[1], "--steps") == 0) steps = std::atoi(argv[2]);
  if ((argc != 1 && argc != 3) || steps < 1) {
    std::fprintf(stderr, "usage: lamina_cuda_bench [--steps N], with N at least 1\n");
    return 2;
  }
  if (const std::string why = Cuda::why_unavailable(); !why.empty()) {
    constexpr int skipped = 77;
    std::printf("lamina_cuda_bench: nothing was measured. %s\n", why.c_str());
    return skipped;
  }
  try {
    time_all<Precision::float32>("fp32", steps);
    time_all<Precision::bfloat16>("bf16", steps);
    Cuda::allow_tf32(true);
    time_all<Precision::float32>("tf32", steps);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lamina_cuda_bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
