// SPDX-License-Identifier: MIT
// Convolutions, transposed convolutions and linear layers, batch 128: forward, gradient of the input,
// gradient of the weights, for the geometries of our networks; and the same by what else is installed here.
// Each is compared with plain loops in double precision on two images before it is timed.

#include <cstddef>
#include <string>

#include <benchmark/benchmark.h>

#include "lamina/backend/cpu/cpu.hpp"

#include "common/beside_peak.hpp"
#include "common/rows.hpp"
#include "peers/window_problem.hpp"
#include "reference/window.hpp"
#include "support/with_threads.hpp"
#ifdef LAMINA_BENCH_ONEDNN
#include "peers/onednn.hpp"
#endif
#ifdef LAMINA_BENCH_OPENBLAS
#include "peers/openblas.hpp"
#endif

namespace {

using namespace lamina;
using bench::Product;
using window::Arrays;
using window::Floats;

constexpr int batch = 128;

template <WindowGeometry G>
constexpr double flops =
    2.0 * batch * G.small_pixels() * G.taps() * G.big_channels * double{G.small_channels};

/// Of two images. (It takes longer than most timings.)
template <WindowGeometry G>
const window::Reference<G>& reference() {
  static const window::Reference<G> it(2);
  return it;
}

/// Whether plain loops come to the same result, whose weights are in the plain order.
template <WindowGeometry G>
bool agrees(Product product, const Floats& result) {
  const window::Reference<G>& expected = reference<G>();
  if (product == Product::gather)
    return !window::first_far(expected.gathered, expected.gather_scale, result);
  if (product == Product::scatter)
    return !window::first_far(expected.scattered, expected.scatter_scale, result);
  return !window::first_far(expected.weight_gradient, expected.weight_scale, result);
}

/// lamina's product of the arrays.
template <WindowGeometry G, LanesAre Along>
class Lamina {
 public:
  Lamina(Product product, const Arrays<G>& arrays)
      : product_(product),
        arrays_(arrays),
        result_(product == Product::gather    ? arrays.small.size()
                : product == Product::scatter ? arrays.big.size()
                                              : weight_layout(G, Along).size()),
        workspace_(largest({Cpu::gather_workspace<G>(), Cpu::scatter_workspace<G>(),
                            Cpu::weight_gradient_workspace<G, Along>()})
                       .of(static_cast<std::size_t>(arrays.n))) {}

  void compute() {
    const auto images = static_cast<std::size_t>(arrays_.n);
    if (product_ == Product::gather)
      Cpu::gather<G>(images, arrays_.big.data(), arrays_.gather_weights.data(),
                     arrays_.small_bias.data(), result_.data(), workspace_.data());
    else if (product_ == Product::scatter)
      Cpu::scatter<G>(images, arrays_.small.data(), arrays_.scatter_weights.data(),
                      arrays_.big_bias.data(), result_.data(), workspace_.data());
    else
      Cpu::weight_gradient<G, Along>(images, arrays_.big.data(), arrays_.small.data(),
                                     result_.data(), workspace_.data());
  }

  Floats result() const {
    return product_ == Product::weights ? window::unpacked<G, Along>(result_) : result_;
  }

 private:
  Product product_;
  const Arrays<G>& arrays_;
  Floats result_;
  Floats workspace_;
};

/// Another library's, in whose result the bias comes after the computation.
template <class Library, WindowGeometry G, LanesAre Along>
class Peer {
 public:
  Peer(Product product, const Arrays<G>& arrays)
      : product_(product),
        arrays_(arrays),
        library_({G, Along, product, arrays.n, arrays.big.data(), arrays.small.data(),
                  arrays.plain_weights.data()}) {}

  void compute() { library_.compute(); }

  Floats result() {
    Floats result(product_ == Product::gather    ? arrays_.small.size()
                  : product_ == Product::scatter ? arrays_.big.size()
                                                 : arrays_.plain_weights.size());
    library_.store(result.data());
    if (product_ != Product::weights) {
      const Floats& bias = product_ == Product::gather ? arrays_.small_bias : arrays_.big_bias;
      for (std::size_t i = 0; i < result.size(); ++i)
        result[i] += bias[i % bias.size()];
    }
    return result;
  }

 private:
  Product product_;
  const Arrays<G>& arrays_;
  Library library_;
};

template <class Computation, WindowGeometry G>
void time(benchmark::State& state, Product product) {
  const support::WithThreads with(static_cast<int>(state.range(0)));
  Computation small(product, reference<G>());
  small.compute();
  if (!bench::may_be_timed(state, agrees<G>(product, small.result()))) return;
  const Arrays<G> arrays(batch);
  Computation computation(product, arrays);
  bench::run_beside_peak(state, flops<G>, [&] { computation.compute(); });
}

template <WindowGeometry G, LanesAre Along>
void add(const std::string& name) {
  const auto one = [](const std::string& row, Product product, auto* timed) {
    benchmark::RegisterBenchmark(row.c_str(), timed, product)
        ->Apply(bench::on_one_and_two_threads)
        ->Unit(benchmark::kMicrosecond);
  };
  const auto all = [&](const std::string& direction, Product product) {
    one(direction, product, time<Lamina<G, Along>, G>);
#ifdef LAMINA_BENCH_ONEDNN
    one(direction + "/oneDNN", product, time<Peer<bench::OneDnn, G, Along>, G>);
#endif
#ifdef LAMINA_BENCH_OPENBLAS
    one(direction + "/OpenBLAS", product, time<Peer<bench::OpenBlas, G, Along>, G>);
#endif
  };
  const bool transposed = Along == LanesAre::big;
  all(name + "/forward", transposed ? Product::scatter : Product::gather);
  all(name + "/input_gradient", transposed ? Product::gather : Product::scatter);
  all(name + "/weight_gradient", Product::weights);
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
#ifdef LAMINA_BENCH_ONEDNN
  benchmark::AddCustomContext("oneDNN", bench::OneDnn::version());
#endif
#ifdef LAMINA_BENCH_OPENBLAS
  benchmark::AddCustomContext("OpenBLAS", bench::OpenBlas::version());
#endif
  return bench::run_rows(argc, argv, add_all);
}
