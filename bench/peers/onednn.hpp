// SPDX-License-Identifier: MIT
#pragma once
// Windowed products by oneDNN, version 2 or 3, in the memory formats that it chooses itself.

#include <array>
#include <cstddef>
#include <string>
#include <tuple>
#include <unordered_map>

#include <oneapi/dnnl/dnnl.hpp>

#include "peers/window_problem.hpp"

namespace bench {

/// A convolution, a transposed convolution ("deconvolution") or, where the window is the whole grid, an
/// inner product. What it needs besides is allocated when it is made; it uses as many threads as OpenMP
/// then has.
class OneDnn {
  using memory = dnnl::memory;

 public:
  static std::string version() {
    const dnnl_version_t* it = dnnl_version();
    return std::to_string(it->major) + "." + std::to_string(it->minor) + "." +
           std::to_string(it->patch);
  }

  explicit OneDnn(const WindowProblem& problem) : plain_(plain_descriptions(problem)) {
    using lamina::LanesAre;
    const bool transposed = problem.along == LanesAre::big;
    const auto step = step_of(problem);
    const lamina::WindowGeometry& g = problem.geometry;
    const std::tuple window{memory::dims{g.stride, g.stride}, memory::dims{g.padding, g.padding},
                            memory::dims{last_padding(g.big_height, g.small_height, g),
                                         last_padding(g.big_width, g.small_width, g)}};
    if (g.is_matrix_product())
      prepare<dnnl::inner_product_forward, dnnl::inner_product_backward_data,
              dnnl::inner_product_backward_weights>(step, std::tuple{}, std::tuple{});
    else if (transposed)
      prepare<dnnl::deconvolution_forward, dnnl::deconvolution_backward_data,
              dnnl::deconvolution_backward_weights>(
          step, std::tuple{dnnl::algorithm::deconvolution_direct}, window);
    else
      prepare<dnnl::convolution_forward, dnnl::convolution_backward_data,
              dnnl::convolution_backward_weights>(
          step, std::tuple{dnnl::algorithm::convolution_auto}, window);
    const std::array data{transposed ? problem.small : problem.big, problem.weights,
                          transposed ? problem.big : problem.small};
    for (std::size_t i = 0; i < operands; ++i)
      if (i != result_) {
        // oneDNN reads it only, but has one kind of memory.
        memory from(plain_[i], cpu_, const_cast<float*>(data[i]));
        copy(from, arguments_.at(numbers_[i]));
      }
  }

  void compute() {
    primitive_.execute(stream_, arguments_);
    stream_.wait();
  }

  /// Writes the result in the order of the problem.
  void store(float* result) {
    memory to(plain_[result_], cpu_, result);
    copy(arguments_.at(numbers_[result_]), to);
  }

 private:
  enum class Step { forward, input_gradient, weight_gradient };

  static constexpr std::size_t operands = 3;  // input, weights, output

  static Step step_of(const WindowProblem& problem) {
    if (problem.product == Product::weights) return Step::weight_gradient;
    const bool to_small = problem.product == Product::gather;
    const bool forward_to_small = problem.along == lamina::LanesAre::small;
    return to_small == forward_to_small ? Step::forward : Step::input_gradient;
  }

  /// Of the bottom or right edge, so that the last window ends where the padding does.
  static memory::dim last_padding(int big, int small, const lamina::WindowGeometry& g) {
    return (small - 1) * g.stride + g.kernel - big - g.padding;
  }

  static memory::desc description(const memory::dims& sizes, const memory::dims& strides) {
    return {sizes, memory::data_type::f32, strides};
  }

  /// Of the operands as the problem has them; an inner product has no pixels.
  static std::array<memory::desc, operands> plain_descriptions(const WindowProblem& problem) {
    const lamina::WindowGeometry& g = problem.geometry;
    const bool transposed = problem.along == lamina::LanesAre::big;
    const auto grid = [&](memory::dim height, memory::dim width, memory::dim channels) {
      if (g.is_matrix_product())
        return description({problem.images, height * width * channels},
                           {height * width * channels, 1});
      return description({problem.images, channels, height, width},
                         {height * width * channels, 1, width * channels, channels});
    };
    const memory::dim big = g.is_matrix_product() ? g.big_size() : g.big_channels;
    const memory::dim small = g.small_channels;
    memory::dims sizes = transposed ? memory::dims{big, small} : memory::dims{small, big};
    memory::dims strides = transposed ? memory::dims{small, 1} : memory::dims{1, small};
    if (!g.is_matrix_product()) {
      sizes.insert(sizes.end(), {g.kernel, g.kernel});
      strides.insert(strides.end(), {g.kernel * big * small, big * small});
    }
    const memory::desc big_grid = grid(g.big_height, g.big_width, g.big_channels);
    const memory::desc small_grid = grid(g.small_height, g.small_width, g.small_channels);
    return {transposed ? small_grid : big_grid, description(sizes, strides),
            transposed ? big_grid : small_grid};
  }

  static memory::desc any_format(const memory::desc& plain) {
#if DNNL_VERSION_MAJOR >= 3
    return {plain.get_dims(), memory::data_type::f32, memory::format_tag::any};
#else
    return {plain.dims(), memory::data_type::f32, memory::format_tag::any};
#endif
  }

  /// oneDNN 2 wants an operation described before it chooses an implementation, oneDNN 3 does both at once.
  template <class Primitive>
  auto chosen_forward(const auto&... description) const {
#if DNNL_VERSION_MAJOR >= 3
    return
        typename Primitive::primitive_desc(cpu_, dnnl::prop_kind::forward_training, description...);
#else
    return typename Primitive::primitive_desc(
        typename Primitive::desc(dnnl::prop_kind::forward_training, description...), cpu_);
#endif
  }
  template <class Primitive>
  auto chosen_backward(const auto& forward, const auto&... description) const {
#if DNNL_VERSION_MAJOR >= 3
    return typename Primitive::primitive_desc(cpu_, description..., forward);
#else
    return
        typename Primitive::primitive_desc(typename Primitive::desc(description...), cpu_, forward);
#endif
  }

  /// `before` and `after` are what the operation's description has around those of its operands.
  template <class Forward, class InputGradient, class WeightGradient>
  void prepare(Step step, const auto& before, const auto& after) {
    const std::tuple formats{any_format(plain_[0]), any_format(plain_[1]), any_format(plain_[2])};
    std::apply(
        [&](const auto&... description) {
          const auto forward = chosen_forward<Forward>(description...);
          if (step == Step::forward)
            use(Forward(forward), forward, {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST}, 2);
          else if (step == Step::input_gradient) {
            const auto chosen = chosen_backward<InputGradient>(forward, description...);
            use(InputGradient(chosen), chosen,
                {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST}, 0);
          } else {
            const auto chosen = chosen_backward<WeightGradient>(forward, description...);
            use(WeightGradient(chosen), chosen,
                {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST}, 1);
          }
        },
        std::tuple_cat(before, formats, after));
  }

  void use(const dnnl::primitive& primitive, const dnnl::primitive_desc_base& chosen,
           const std::array<int, operands>& numbers, std::size_t result) {
    primitive_ = primitive;
    numbers_ = numbers;
    result_ = result;
    for (const int number : numbers)
      arguments_.emplace(number, memory(chosen.query_md(dnnl::query::exec_arg_md, number), cpu_));
  }

  void copy(memory& from, memory& to) {
    dnnl::reorder(from, to).execute(stream_, from, to);
    stream_.wait();
  }

  dnnl::engine cpu_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{cpu_};
  dnnl::primitive primitive_;
  std::array<memory::desc, operands> plain_;
  std::array<int, operands> numbers_{};  // what oneDNN calls the operands
  std::size_t result_ = 0;               // which of them is computed
  std::unordered_map<int, memory> arguments_;
};

}  // namespace bench
