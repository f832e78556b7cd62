// SPDX-License-Identifier: MIT
#pragma once
// Model<Net, In, Backend, Precision>: a network with memory. It owns one flat buffer of parameters, one of their
// gradients and one arena for activations, and walks the flat list of layers.

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/core/memory.hpp"
#include "lamina/core/random.hpp"
#include "lamina/core/replica.hpp"
#include "lamina/core/tensor.hpp"
#include "lamina/model/named_tensor.hpp"
#include "lamina/model/network.hpp"
#include "lamina/model/plan.hpp"
#include "lamina/model/precision.hpp"
#include "lamina/model/steps.hpp"
#include "lamina/model/weights.hpp"

namespace lamina::inline LAMINA_ISA {

/// Which gradients a backward pass computes.
enum class Gradients { parameters, input, parameters_and_input };

/// A network of type Net for images of shape In, ready to run and to train. One that was moved from may only be
/// destroyed, or assigned to.
/// errors compile: a layer whose input does not fit it
template <class Net, AnyShape In, class B = Cpu, Precision P = Precision::float32>
class Model {
  using Facts = detail::Checked<Net, In>;
  /// What layers run on: the backend, with products as the precision has them.
  using Arithmetic = detail::WithPrecision<B, P>;
  using Steps = detail::StepsOf<Net, In, Arithmetic>;
  static constexpr std::size_t count = Facts::size;
  static constexpr const auto& trace = Facts::trace;
  static constexpr detail::Plan<count> plan =
      detail::make_plan<Arithmetic, count>(Facts::trace, Steps::workspaces);

 public:
  using network = Net;
  using input_shape = In;
  using output_shape = typename Facts::output;
  using backend = B;
  static constexpr Precision precision = P;
  /// What forward takes beside the images; no_condition where no layer asks for one.
  using condition_shape = detail::ConditionShape<trace.condition_features>;

  /// Parameters are drawn as PyTorch's layers draw them (U(-1/sqrt(fan_in), 1/sqrt(fan_in))).
  explicit Model(Seed seed = {}) : seed_(seed) {
    B::prepare();
    weights_.start_as_torch(seed);
  }

  /// The network's output for a batch; valid until the next forward. `images` must stay unchanged
  /// until backward has run.
  /// errors compile: images of another shape, layers that take a condition; run: training statistics
  ///        over a single value
  template <class S>
  TensorRef<output_shape, B> forward(const TensorRef<S, B>& images) {
    if constexpr (detail::check_batch<In, S>() &&
                  detail::check_condition<condition_shape, no_condition>())
      run(0, count, images.data(), images.shard(), nullptr);
    return output();
  }

  /// The same with one condition vector for each image, which must stay unchanged like the images.
  /// errors compile: images or conditions of another shape; run: not one for each image
  template <class S, class C>
  TensorRef<output_shape, B> forward(const TensorRef<S, B>& images,
                                     const TensorRef<C, B>& condition) {
    if constexpr (detail::check_batch<In, S>() && detail::check_condition<condition_shape, C>()) {
      require(condition.size() == images.size(), "forward got ", images.size(), " images and ",
              condition.size(), " conditions; it takes one for each image");
      run(0, count, images.data(), images.shard(), condition.data());
    }
    return output();
  }

  /// The same for a batch of another backend, in the host's memory for a model that is not: it is copied.
  template <class S, class Other>
    requires(!std::same_as<Other, B>)
  TensorRef<output_shape, B> forward(const TensorRef<S, Other>& images) {
    if constexpr (detail::check_batch<In, S>()) {
      // A refusal must leave the images of the last forward to its backward.
      check_run(0, count, images.size());
      copied_input_.assign(images);
    }
    return forward(static_cast<const TensorRef<In, B>&>(copied_input_));
  }

  /// The same for an xtensor expression (N, C, H, W), which is copied.
  template <class E>
  TensorRef<output_shape, B> forward(const xt::xexpression<E>& images) {
    const auto& extents = images.derived_cast().shape();
    // A refusal must leave the images of the last forward to its backward.
    if (extents.size() > 0) check_run(0, count, static_cast<std::size_t>(extents[0]));
    copied_input_.assign(images);
    return forward(static_cast<const TensorRef<In, B>&>(copied_input_));
  }

  /// Part number I of a network whose top level is a Sequential, run on its own: the encoder or the
  /// decoder of an autoencoder, say. There is no backward from a part.
  template <std::size_t I, class S>
  auto forward_part(const TensorRef<S, B>& images) {
    using Part = detail::PartOf<Net, In, I>;
    constexpr detail::LayerRange range = Part::range;
    if constexpr (range.begin < range.end) {
      if constexpr (detail::check_batch<typename Part::input_shape, S>() &&
                    detail::check_condition<condition_shape, no_condition>())
        run(range.begin, range.end, images.data(), images.shard(), nullptr);
    }
    ran_whole_ = false;
    return TensorRef<typename Part::output_shape, B>{values_[range.end], images_};
  }

  /// Adds the gradients of all parameters for the last forward, given d loss / d output: a batch, or
  /// what a loss returns. Call zero_grad() first unless gradients are to add up. Where replicas share the batch,
  /// each then has the gradients of the whole batch.
  /// errors run: no forward before it, or a gradient for another number of images
  template <class Gradient>
  void backward(const Gradient& gradient, Gradients wanted = Gradients::parameters) {
    static_assert(detail::check_gradient<output_shape, typename Gradient::shape_type>() || true);
    require(ran_whole_, "backward needs a forward of the whole model before it");
    require(gradient.size() == images_, "backward got a gradient for ", gradient.size(),
            " images, the last forward had ", images_);
    weights_.ensure_gradients();
    ensure_differences();
    gradient.write_to(gradient_of(count));
    Replica* const replica = wanted == Gradients::input ? nullptr : images_.replica;
    // What there is already is in all of them, and is to be counted once.
    if (replica != nullptr && replica->rank() > 0) zero_grad();
    const bool from_zero = wanted != Gradients::input && weights_.take_put_off_zeros();
    run_backward(wanted, from_zero);
    if (replica != nullptr)
      replica->all_reduce_sum(weights_.gradients().size(), weights_.gradients().data());
  }

  /// d loss / d images after backward(..., Gradients::input or parameters_and_input).
  TensorRef<In, B> input_gradient() const {
    require(has_input_gradient_, "input_gradient needs a backward that asked for it");
    return {gradient_of(0), images_};
  }

  /// On the CPU the zeros are put off until somebody looks at the gradients: the next backward writes most of them.
  void zero_grad() { weights_.zero_grad(); }

  /// Whether forward runs an activation in one step with the convolution, linear layer or batch normalisation in
  /// front of it, and backward with that batch normalisation or with the convolution or linear layer behind it, as
  /// they do unless told otherwise. Results have the same bits either way, if backward finds the parameters as forward
  /// left them.
  void fuse_activations(bool on) { fuse_activations_ = on; }

  void train(bool on = true) { mode_ = on ? Mode::train : Mode::eval; }
  void eval() { train(false); }
  bool training() const { return mode_ == Mode::train; }

  /// What an optimiser works on.
  Parameters<B> parameters() { return weights_.parameters(); }
  /// Handles on the learnable tensors, named and ordered as in torch.nn.
  std::vector<NamedTensor<B>> named_parameters() { return weights_.named_parameters(); }
  /// Handles on the running statistics.
  std::vector<NamedTensor<B>> named_buffers() { return weights_.named_buffers(); }
  /// A handle on one parameter ("0.weight") or buffer ("1.running_mean").
  /// errors run: no such name; the sentence lists those that exist
  NamedTensor<B> parameter(std::string_view name) { return weights_.parameter(name); }
  NamedTensor<B> buffer(std::string_view name) { return weights_.buffer(name); }

  /// Everything a file of this model holds.
  State<B> state() { return weights_.state(); }

  /// How many training passes the model has made: random draws depend on it.
  std::int64_t& training_passes() { return training_passes_; }

  /// Makes room for batches of up to `images` images, so that none of their steps allocates; in
  /// evaluation, none of their forwards.
  void reserve(std::size_t images) {
    make_room(images);
    if (!training()) return;
    weights_.ensure_gradients();
    ensure_differences();
  }

  /// What a training step at this batch size takes, in bytes.
  static constexpr MemoryPlan memory_plan(std::size_t images) {
    constexpr std::size_t bytes = sizeof(float);
    return {.parameters = plan.parameters * bytes,
            .gradients = plan.parameters * bytes,
            .buffers = plan.buffers * bytes,
            .activations = plan.activations * images * bytes,
            .differences = plan.differences * images * bytes,
            .workspace = (plan.saved.of(images) + plan.workspace.of(images)) * bytes};
  }

 private:
  Seed seed_;
  Mode mode_ = Mode::train;
  Mode ran_mode_ = Mode::train;  ///< of the last forward
  Shard images_;
  std::size_t capacity_ = 0;
  bool ran_whole_ = false;
  bool fuse_activations_ = true;
  std::int64_t training_passes_ = 0;
  /// Where each value lay in the last forward: the input, and the output of each layer.
  std::array<const float*, count + 1> values_{};
  const float* condition_ = nullptr;
  bool has_input_gradient_ = false;
  impl::Weights<B> weights_{trace.layers, plan.layers, plan.parameters, plan.buffers,
                            &Steps::tensor_name};
  Memory<B> saved_, activations_, differences_, workspace_;
  Tensor<In, B> copied_input_;

  DrawKey draw_key(std::size_t layer) const {
    return {seed_.value, static_cast<std::uint32_t>(layer),
            static_cast<std::uint64_t>(training_passes_)};
  }

  /// What layer number `layer` keeps from forward to backward.
  float* saved(std::size_t layer) { return saved_.data() + plan.layers[layer].saved.of(capacity_); }

  void check_run(std::size_t begin, std::size_t end, const Shard& images) const {
    require(images.total > 0, "forward needs at least one image, got none");
    if (mode_ == Mode::train) check_statistics(begin, end, images.total);
  }

  void make_room(std::size_t images) {
    if (images <= capacity_) return;
    Memory<B> activations(plan.activations * images);
    Memory<B> saved(plan.saved.of(images));
    workspace_ = Memory<B>(plan.workspace.of(images));
    saved_ = std::move(saved);
    activations_ = std::move(activations);
    capacity_ = images;
    ran_whole_ = false;
  }

  TensorRef<output_shape, B> output() const { return {values_[count], images_}; }

  /// Value number `number` of the last forward; null where a layer has no second input.
  const float* value(int number) const {
    return number < 0 ? nullptr : values_[static_cast<std::size_t>(number)];
  }

  void run(std::size_t begin, std::size_t end, const float* images, const Shard& number,
           const float* condition) {
    check_run(begin, end, number);
    make_room((std::max<std::size_t>)(number, 1));  // a replica may have none
    images_ = number;
    condition_ = condition;
    has_input_gradient_ = false;
    ran_mode_ = mode_;
    if (mode_ == Mode::train) ++training_passes_;
    values_[begin] = images;
    for (std::size_t i = begin; i < end; ++i) {
      const detail::Link link = trace.links[i];
      if (trace.layers[i].memory.view) {
        values_[i + 1] = value(link.input);
        continue;
      }
      float* const y = activations_.data() + plan.layers[i].output * capacity_;
      const bool with_next = fuse_activations_ && i + 1 < end && plan.layers[i].next_overwrites &&
                             Steps::with_next[i].forward != nullptr;
      const auto step = with_next ? Steps::with_next[i].forward : Steps::forward[i];
      step({.images = number,
            .mode = mode_,
            .x = value(link.input),
            .other = value(link.other),
            .condition = condition,
            .y = y,
            .parameters = weights_.parameters_of(i),
            .buffers = weights_.buffers_of(i),
            .saved = saved(i),
            .workspace = workspace_.data(),
            .draw = draw_key(i)});
      if (mode_ == Mode::train) weights_.count_batch(i);
      values_[i + 1] = y;
      if (with_next) values_[++i + 1] = y;
    }
    ran_whole_ = begin == 0 && end == count;
  }

  /// Training statistics need more than one value per channel.
  static void check_statistics(std::size_t begin, std::size_t end, std::size_t images) {
    for (std::size_t i = begin; i < end; ++i)
      require(!trace.layers[i].counts_batches ||
                  images * static_cast<std::size_t>(trace.inputs[i].pixels()) > 1,
              "layer ", Steps::path_names[i].view(),
              " (batch normalisation) needs more than one value per channel in training, and this "
              "batch is one image of one pixel; use a larger batch, or eval()");
  }

  float* difference(std::size_t offset) const {
    return const_cast<float*>(differences_.data()) + offset * capacity_;
  }
  /// The gradient of value number `value`.
  float* gradient_of(std::size_t value) const { return difference(plan.gradients[value]); }

  /// from_zero: gradients of parameters are to be written, whatever is there.
  void run_backward(Gradients wanted, bool from_zero) {
    const bool to_input = wanted != Gradients::parameters;
    for (std::size_t i = count; i-- > 0;) {
      if (!to_input && !plan.needed[i + 1]) continue;  // nothing to learn up to here
      const std::array<int, 2> from{trace.links[i].input, trace.links[i].other};
      std::array<float*, 2> gradients{};
      for (std::size_t which = 0; which < 2; ++which)
        if (from[which] >= 0 && (to_input || plan.needed[static_cast<std::size_t>(from[which])]))
          gradients[which] = difference(plan.layers[i].gradient[which]);
      if (begins_with_activation(i) || ends_into_activation(i))
        continue;  // another layer does both
      const bool overwrite = from_zero && images_ > 0 && Steps::overwrites_weight[i];
      if (from_zero) weights_.zero_gradients_of(i, overwrite ? 1 : 0);
      run_layer_backward(i, wanted, gradients,
                         overwrite ? GradientUpdate::overwrite : GradientUpdate::add);
      for (std::size_t which = 0; which < 2; ++which) {
        if (gradients[which] == nullptr || !plan.layers[i].adds[which]) continue;
        const auto value = static_cast<std::size_t>(from[which]);
        float* const sum = gradient_of(value);
        B::add(images_ * trace.values[value].size(), sum, gradients[which], sum);
      }
    }
    has_input_gradient_ = to_input;
  }

  /// Whether layer number `i` is an activation whose backward is part of that of the layer in front, which finds
  /// the gradient of its output where that of its own would be.
  bool begins_with_activation(std::size_t i) const {
    return fuse_activations_ && i > 0 && plan.layers[i - 1].next_overwrites &&
           plan.gradients[i] == plan.gradients[i + 1] &&
           Steps::with_next[i - 1].backward != nullptr;
  }

  /// Whether it is part of the next layer's instead, which leaves the gradient where this layer's would be.
  bool ends_into_activation(std::size_t i) const {
    return fuse_activations_ && plan.layers[i].next_hands_over &&
           Steps::with_next[i].backward_of_next != nullptr && !begins_with_activation(i);
  }

  auto backward_step(std::size_t i) const {
    if (i + 1 < count && begins_with_activation(i + 1)) return Steps::with_next[i].backward;
    if (i > 0 && ends_into_activation(i - 1)) return Steps::with_next[i - 1].backward_of_next;
    return Steps::backward[i];
  }

  /// gradients: where those of the layer's inputs go; null where they are not wanted.
  void run_layer_backward(std::size_t i, Gradients wanted, const std::array<float*, 2>& gradients,
                          GradientUpdate weight_update) {
    const float* const dy = gradient_of(i + 1);
    if (trace.layers[i].memory.view) {
      if (gradients[0] != nullptr) B::copy(images_ * trace.inputs[i].size(), dy, gradients[0]);
      return;
    }
    backward_step(i)({.images = images_,
                      .mode = ran_mode_,
                      .x = value(trace.links[i].input),
                      .y = values_[i + 1],
                      .condition = condition_,
                      .dy = dy,
                      .dx = gradients[0],
                      .dother = gradients[1],
                      .parameters = weights_.parameters_of(i),
                      .gradients = wanted == Gradients::input ? std::array<float*, 2>{}
                                                              : weights_.gradients_of(i),
                      .weight_update = weight_update,
                      .saved = saved(i),
                      .workspace = workspace_.data(),
                      .draw = draw_key(i)});
  }

  void ensure_differences() {
    const std::size_t values = plan.differences * capacity_;
    if (differences_.size() >= values) return;
    has_input_gradient_ = false;
    differences_ = Memory<B>(values);
  }
};

}  // namespace lamina::inline LAMINA_ISA
