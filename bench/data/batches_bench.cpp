// SPDX-License-Identifier: MIT
// Reading Fashion-MNIST and assembling an epoch of shuffled batches of 128, both on one thread. Where the
// data set is not installed, the subset beside the examples is taken; rows say which. Batches are compared
// with the data set's pixels in the shuffle's order before they are timed.
//
// GB/s count bytes of pixels: of reading those unpacked, of batches each pixel's byte and the float that is
// made of it.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "lamina/data/batches.hpp"
#include "lamina/data/fashion_mnist.hpp"

#include "common/rows.hpp"
#include "common/timing.hpp"

namespace {

using namespace lamina;
using datasets::FashionMnist;
using Image = Shape<1, 28, 28>;

constexpr std::size_t batch = 128;

FashionMnist read_some() {
  try {
    return datasets::fashion_mnist();
  } catch (const std::runtime_error&) {
    return datasets::fashion_mnist(std::filesystem::path(LAMINA_EXAMPLE_DATA) /
                                   "fashion-mnist-subset");
  }
}

/// Images a second and bytes a second where each pixel stands for so many bytes.
void report(benchmark::State& state, double seconds, std::size_t images, std::size_t bytes) {
  state.counters["images/s"] = static_cast<double>(images) / seconds;
  state.counters["GB/s"] = static_cast<double>(images * Image::size * bytes) / seconds * 1e-9;
}

void reading(benchmark::State& state, const FashionMnist& data) {
  const double best = bench::time_fastest(state, [&] {
    const FashionMnist again = datasets::fashion_mnist(data.source);
    benchmark::DoNotOptimize(again.train.pixels.data());
  });
  report(state, best, data.train.size() + data.test.size(), 1);
}

/// The positions of all images, each once, in the order of a shuffle.
std::vector<std::uint32_t> shuffled(std::size_t size, const Shuffle& shuffle) {
  std::vector<std::uint32_t> order(size);
  batching::fill_order(order, shuffle);
  return order;
}

bool is_permutation(std::vector<std::uint32_t> order) {
  std::ranges::sort(order);
  for (std::size_t i = 0; i < order.size(); ++i)
    if (order[i] != i) return false;
  return true;
}

bool is_right(const Dataset<Image>& data) {
  const Shuffle shuffle{Seed{1}};
  const auto order = shuffled(data.size(), shuffle);
  std::size_t next = 0;
  for (const auto& [images, labels] : batches(data, batch, shuffle)) {
    for (std::size_t i = 0; i < images.size(); ++i, ++next) {
      const auto pixels = data.image(order[next]);
      for (std::size_t p = 0; p < Image::size; ++p)
        if (!(std::abs(double{images.data()[i * Image::size + p]} - pixels[p] / 255.0) <= 1e-7))
          return false;
      if (labels[i] != data.labels[order[next]]) return false;
    }
  }
  return next == data.size() && is_permutation(order);
}

/// An epoch with memory that is there: the shuffle and its batches.
void shuffled_batches(benchmark::State& state, const FashionMnist& data) {
  if (!bench::may_be_timed(state, is_right(data.train))) return;
  auto range = batches(data.train, batch, Shuffle{Seed{1}});
  std::int64_t epoch = 0;
  const double best = bench::time_fastest(state, [&] {
    range.restart(Shuffle{Seed{1}, epoch++});
    for (const auto& [images, labels] : range)
      benchmark::DoNotOptimize(images.data());
  });
  report(state, best, data.train.size(), 1 + sizeof(float));
}

void add_all() {
  static const FashionMnist data = read_some();
  const auto add = [](const char* name, void (*time)(benchmark::State&, const FashionMnist&)) {
    const std::string label = std::string(name) + "/" + data.name();
    benchmark::RegisterBenchmark(label.c_str(),
                                 [time](benchmark::State& state) { time(state, data); })
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  };
  add("reading", reading);
  add("shuffled batches of 128", shuffled_batches);
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_rows(argc, argv, add_all);
}
