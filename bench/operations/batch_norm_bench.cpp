// SPDX-License-Identifier: MIT
// Batch normalisation, batch 128, for the shapes of our networks: forward in training and in evaluation, and
// backward. Each is compared with the reference in double precision on three images before it is timed.
//
// What has to be moved at least: the statistics of all images are known before the first is normalised, so
// that training reads x twice and writes y (12 bytes a value), evaluation reads x and writes y (8), backward
// reads x and dy for the sums and again for dx, which it writes (20). Arrays are apart; in a network dx is
// written over dy.

#include <cstddef>
#include <string>

#include <benchmark/benchmark.h>

#include "lamina/lamina.hpp"

#include "common/beside_bandwidth.hpp"
#include "common/rows.hpp"
#include "reference/batch_norm.hpp"
#include "support/model_values.hpp"
#include "support/with_threads.hpp"

namespace {

using namespace lamina;
using bench::is_near;
using reference::Values;
using support::values_of;

constexpr std::size_t batch = 128;

/// The operations as the layer calls them, on arrays of their own. S is Shape<C, H, W>.
template <class S>
struct BatchNorm {
  static constexpr int channels = S::value.channels();
  static constexpr auto pixels = static_cast<std::size_t>(S::value.pixels());
  using Channels = Shape<channels>;

  explicit BatchNorm(std::size_t images)
      : x(random<S>(images, 1)), dy(random<S>(images, 2)), y(images), dx(images) {
    for (float& variance : running_variance.span())
      variance = 1.0F + variance / 2.0F;
  }

  void train() {
    Cpu::batch_norm_statistics(x.size(), pixels, channels, BatchNormDefaults::epsilon,
                               BatchNormDefaults::momentum, x.data(), running_mean.data(),
                               running_variance.data(), saved.data(), workspace.data());
    normalise();
  }
  void evaluate() {
    Cpu::batch_norm_use_running(channels, BatchNormDefaults::epsilon, running_mean.data(),
                                running_variance.data(), saved.data());
    normalise();
  }
  void normalise() {
    Cpu::batch_norm_apply(x.size(), pixels, channels, saved.data(), gamma.data(), beta.data(),
                          x.data(), y.data(), workspace.data());
  }
  /// After train().
  void backward() {
    Cpu::batch_norm_gradient(x.size(), pixels, channels, true, saved.data(), gamma.data(),
                             beta.data(), x.data(), dy.data(), gamma_gradient.data(),
                             beta_gradient.data(), dx.data(), workspace.data());
  }

  std::size_t count() const { return x.size() * S::size; }

  template <class T>
  static Tensor<T> random(std::size_t images, std::uint32_t seed) {
    return support::batch_of<T>(support::random_values(images * T::size, seed));
  }

  Tensor<S> x, dy, y, dx;
  Tensor<Channels> gamma{random<Channels>(1, 3)}, beta{random<Channels>(1, 4)};
  Tensor<Channels> running_mean{random<Channels>(1, 5)}, running_variance{random<Channels>(1, 6)};
  Tensor<Channels> gamma_gradient{1}, beta_gradient{1};
  Tensor<Shape<2 * channels>> saved{1};
  Memory<Cpu> workspace{Cpu::batch_norm_workspace(channels).fixed};
};

/// The same in double precision.
template <class S>
struct Expected {
  explicit Expected(const BatchNorm<S>& layer)
      : sizes{static_cast<int>(layer.x.size()), S::dims[0], S::dims[1], S::dims[2]},
        running{values_of(layer.running_mean), values_of(layer.running_variance)},
        x(values_of(layer.x)),
        gamma(values_of(layer.gamma)),
        beta(values_of(layer.beta)) {}

  reference::BatchNorm sizes;
  reference::Moments running;
  Values x, gamma, beta;
};

template <class S>
struct Training {
  static constexpr const char* name = "training";

  static bool is_right(BatchNorm<S>& layer) {
    Expected<S> expected(layer);
    layer.train();
    const Values y = reference::batch_norm_train(expected.sizes, expected.running, expected.x,
                                                 expected.gamma, expected.beta);
    return is_near(values_of(layer.y), y) &&
           is_near(values_of(layer.running_mean), expected.running.mean) &&
           is_near(values_of(layer.running_variance), expected.running.variance);
  }
  static double plain(BatchNorm<S>& layer) {
    return bench::plain_pass<1, 0>(layer.count(), {layer.x.data()}, {}) +
           bench::plain_pass<1, 1>(layer.count(), {layer.x.data()}, {layer.y.data()});
  }
  static void run(BatchNorm<S>& layer) { layer.train(); }
};

template <class S>
struct Evaluation {
  static constexpr const char* name = "evaluation";

  static bool is_right(BatchNorm<S>& layer) {
    const Expected<S> expected(layer);
    layer.evaluate();
    return is_near(values_of(layer.y),
                   reference::batch_norm_eval(expected.sizes, expected.running, expected.x,
                                              expected.gamma, expected.beta));
  }
  static double plain(BatchNorm<S>& layer) {
    return bench::plain_pass<1, 1>(layer.count(), {layer.x.data()}, {layer.y.data()});
  }
  static void run(BatchNorm<S>& layer) { layer.evaluate(); }
};

template <class S>
struct Backward {
  static constexpr const char* name = "backward";

  static bool is_right(BatchNorm<S>& layer) {
    const Expected<S> expected(layer);
    layer.train();
    layer.backward();
    const auto gradients = reference::batch_norm_train_backward(
        expected.sizes, expected.x, expected.gamma, values_of(layer.dy));
    return is_near(values_of(layer.dx), gradients.input) &&
           is_near(values_of(layer.gamma_gradient), gradients.weight) &&
           is_near(values_of(layer.beta_gradient), gradients.bias);
  }
  static double plain(BatchNorm<S>& layer) {
    const float* const x = layer.x.data();
    const float* const dy = layer.dy.data();
    return bench::plain_pass<2, 0>(layer.count(), {dy, x}, {}) +
           bench::plain_pass<2, 1>(layer.count(), {dy, x}, {layer.dx.data()});
  }
  static void run(BatchNorm<S>& layer) { layer.backward(); }
};

template <template <class> class Direction, class S>
void time(benchmark::State& state) {
  BatchNorm<S> small(3);
  if (!bench::may_be_timed(state, Direction<S>::is_right(small))) return;
  const support::WithThreads with(static_cast<int>(state.range(0)));
  BatchNorm<S> layer(batch);
  layer.train();
  bench::run_beside_bandwidth(
      state, [&] { return Direction<S>::plain(layer); }, [&] { Direction<S>::run(layer); });
}

template <template <class> class Direction, class S>
void add(const std::string& name) {
  benchmark::RegisterBenchmark((name + "/" + Direction<S>::name).c_str(), time<Direction, S>)
      ->Apply(bench::on_one_and_two_threads)
      ->Unit(benchmark::kMicrosecond);
}

template <int Channels, int Height>
void add_batch_norm() {
  using S = Shape<Channels, Height, Height>;
  const std::string side = std::to_string(Height);
  const std::string name = "BatchNorm2d<" + std::to_string(Channels) + ">, " + side + "x" + side;
  add<Training, S>(name);
  add<Evaluation, S>(name);
  add<Backward, S>(name);
}

void add_all() {
  add_batch_norm<32, 14>();
  add_batch_norm<64, 7>();
  add_batch_norm<128, 7>();
  add_batch_norm<256, 7>();
  add_batch_norm<128, 14>();
  add_batch_norm<512, 4>();
  add_batch_norm<64, 28>();
  add_batch_norm<64, 32>();
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_rows(argc, argv, add_all);
}
