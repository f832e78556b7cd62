// SPDX-License-Identifier: MIT
// Convolutions, transposed convolutions and linear layers, batch 128: forward, gradient of the input,
// gradient of the weights, for the geometries of our networks. Each is compared with plain loops in double
// precision on two images before it is timed.

#include <cstddef>
#include <string>

#include <benchmark/benchmark.h>

#include "lamina/backend/cpu/cpu.hpp"

#include "common/beside_peak.hpp"
#include "reference/window.hpp"
#include "support/with_threads.hpp"

namespace {

using namespace lamina;
using window::Arrays;
using window::Floats;

constexpr int batch = 128;

/// Forward is gather for Conv2d and Linear, scatter for ConvTranspose2d; the gradient of the input is the
/// other one.
enum class Product { gather, scatter, weights };

/// Computes one product of the arrays into `result`.
template <WindowGeometry G, LanesAre Along>
void compute(Product product, const Arrays<G>& arrays, Floats& result, Floats& workspace) {
  const auto images = static_cast<std::size_t>(arrays.n);
  if (product == Product::gather)
    Cpu::gather<G>(images, arrays.big.data(), arrays.gather_weights.data(),
                   arrays.small_bias.data(), result.data());
  else if (product == Product::scatter)
    Cpu::scatter<G>(images, arrays.small.data(), arrays.scatter_weights.data(),
                    arrays.big_bias.data(), result.data());
  else
    Cpu::weight_gradient<G, Along>(images, arrays.big.data(), arrays.small.data(), result.data(),
                                   workspace.data());
}

template <WindowGeometry G, LanesAre Along>
Floats result_of(Product product, const Arrays<G>& arrays) {
  return Floats(product == Product::gather    ? arrays.small.size()
                : product == Product::scatter ? arrays.big.size()
                                              : weight_layout(G, Along).size());
}

template <WindowGeometry G, LanesAre Along>
bool is_right(Product product) {
  const window::Reference<G> reference(2);
  Floats result = result_of<G, Along>(product, reference);
  Floats workspace(Cpu::weight_gradient_workspace<G, Along>());
  compute<G, Along>(product, reference, result, workspace);
  if (product == Product::gather)
    return !window::first_far(reference.gathered, reference.gather_scale, result);
  if (product == Product::scatter)
    return !window::first_far(reference.scattered, reference.scatter_scale, result);
  return !window::first_far(reference.weight_gradient, reference.weight_scale,
                            window::unpacked<G, Along>(result));
}

template <WindowGeometry G, LanesAre Along>
void time(benchmark::State& state, Product product) {
  if (!is_right<G, Along>(product)) {
    state.SkipWithError("differs from the reference");
    return;
  }
  const support::WithThreads with(static_cast<int>(state.range(0)));
  const Arrays<G> arrays(batch);
  Floats result = result_of<G, Along>(product, arrays);
  Floats workspace(Cpu::weight_gradient_workspace<G, Along>());
  const double flops = 2.0 * batch * G.small_pixels() * G.taps() * G.big_channels *
                       static_cast<double>(G.small_channels);
  bench::run_beside_peak(state, flops,
                         [&] { compute<G, Along>(product, arrays, result, workspace); });
}

template <WindowGeometry G, LanesAre Along>
void add(const std::string& name) {
  const bool transposed = Along == LanesAre::big;
  const auto one = [&](const char* direction, Product product) {
    benchmark::RegisterBenchmark((name + "/" + direction).c_str(), time<G, Along>, product)
        ->ArgName("threads")
        ->Arg(1)
        ->Arg(2)
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
  };
  one("forward", transposed ? Product::scatter : Product::gather);
  one("input_gradient", transposed ? Product::gather : Product::scatter);
  one("weight_gradient", Product::weights);
}

template <int Height, int In, int Out, int Kernel, int Stride, int Padding>
void add_conv2d(const std::string& name) {
  add<conv2d_geometry(Height, Height, In, Out, Kernel, Stride, Padding), LanesAre::small>(name);
}

/// From Height x Height pixels: the geometry is that of the convolution that goes the other way.
template <int Height, int In, int Out, int Kernel, int Stride, int Padding>
void add_conv_transpose2d(const std::string& name) {
  constexpr int height = (Height - 1) * Stride - 2 * Padding + Kernel;
  add<conv2d_geometry(height, height, Out, In, Kernel, Stride, Padding), LanesAre::big>(name);
}

template <int In, int Out>
void add_linear(const std::string& name) {
  add<conv2d_geometry(1, 1, In, Out, 1, 1, 0), LanesAre::small>(name);
}

void add_all() {
  add_conv2d<28, 1, 64, 4, 2, 1>("Conv2d<1, 64, 4, 2, 1>, 28x28");
  add_conv2d<28, 1, 32, 4, 2, 1>("Conv2d<1, 32, 4, 2, 1>, 28x28");
  add_conv2d<14, 32, 64, 4, 2, 1>("Conv2d<32, 64, 4, 2, 1>, 14x14");
  add_conv2d<14, 64, 128, 4, 2, 1>("Conv2d<64, 128, 4, 2, 1>, 14x14");
  add_conv2d<7, 64, 128, 7, 1, 0>("Conv2d<64, 128, 7>, 7x7");
  add_conv2d<28, 64, 64, 3, 1, 1>("Conv2d<64, 64, 3, 1, 1>, 28x28");
  add_conv2d<14, 64, 64, 3, 1, 1>("Conv2d<64, 64, 3, 1, 1>, 14x14");
  add_conv2d<64, 3, 64, 4, 2, 1>("Conv2d<3, 64, 4, 2, 1>, 64x64");
  add_conv2d<32, 64, 128, 4, 2, 1>("Conv2d<64, 128, 4, 2, 1>, 32x32");
  add_conv2d<16, 128, 256, 4, 2, 1>("Conv2d<128, 256, 4, 2, 1>, 16x16");
  add_conv2d<8, 256, 512, 4, 2, 1>("Conv2d<256, 512, 4, 2, 1>, 8x8");
  add_conv_transpose2d<1, 100, 256, 7, 1, 0>("ConvTranspose2d<100, 256, 7>, 1x1");
  add_conv_transpose2d<7, 256, 128, 4, 2, 1>("ConvTranspose2d<256, 128, 4, 2, 1>, 7x7");
  add_conv_transpose2d<14, 128, 1, 4, 2, 1>("ConvTranspose2d<128, 1, 4, 2, 1>, 14x14");
  add_conv_transpose2d<14, 32, 1, 4, 2, 1>("ConvTranspose2d<32, 1, 4, 2, 1>, 14x14");
  add_conv_transpose2d<4, 512, 256, 4, 2, 1>("ConvTranspose2d<512, 256, 4, 2, 1>, 4x4");
  add_conv_transpose2d<32, 64, 3, 4, 2, 1>("ConvTranspose2d<64, 3, 4, 2, 1>, 32x32");
  add_linear<784, 512>("Linear<784, 512>");
  add_linear<512, 256>("Linear<512, 256>");
  add_linear<256, 128>("Linear<256, 128>");
}

}  // namespace

int main(int argc, char** argv) {
  add_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
