// SPDX-License-Identifier: MIT
#pragma once
// The learnable tensors of a network, their gradients and the running statistics: three flat buffers, in which a plan
// says where each tensor lies.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/core/memory.hpp"
#include "lamina/core/random.hpp"
#include "lamina/layers/layer.hpp"
#include "lamina/model/flat_gradients.hpp"
#include "lamina/model/initialise.hpp"
#include "lamina/model/named_tensor.hpp"
#include "lamina/model/plan.hpp"

namespace lamina::inline LAMINA_ISA {
namespace impl {

/// What a model owns of all that a file of it holds. Gradients have memory from their first use on.
template <class B>
class Weights {
 public:
  /// What the tensor of a layer is called in torch.nn: "1.3.weight".
  using TensorName = std::string (*)(std::size_t layer, const char* tensor);
  /// Where the tensors of one layer lie.
  template <class Float>
  using OfLayer = std::array<Float*, 2>;

  /// layers, plan  of the network; they stay where they are
  Weights(std::span<const LayerInfo> layers, std::span<const detail::LayerPlan> plan,
          std::size_t parameters, std::size_t buffers, TensorName tensor_name)
      : layers_(layers),
        plan_(plan),
        tensor_name_(tensor_name),
        batches_tracked_(layers.size()),
        parameters_(parameters),
        buffers_(buffers) {}

  void start_as_torch(Seed seed) {
    for (auto& tensor : named_parameters())
      impl::start_as_torch(tensor, seed);
    for (auto& tensor : named_buffers())
      impl::start_as_torch(tensor, seed);
  }

  void ensure_gradients() {
    if (gradients_.size() < parameters_.size()) gradients_ = Memory<B>(parameters_.size());
  }
  /// Where a backend can write gradients, zeros wait for the next backward or for whoever looks.
  void zero_grad() {
    ensure_gradients();
    if constexpr (requires { requires B::puts_off_zeros; }) {
      *zero_put_off_ = true;
    } else {
      B::fill(gradients_.size(), 0.0F, gradients_.data());
    }
  }
  /// Whether zeros are due, which the caller sees to from here on.
  bool take_put_off_zeros() { return std::exchange(*zero_put_off_, false); }
  /// The gradients of one layer, but for the first `kept` of its parameters.
  void zero_gradients_of(std::size_t layer, int kept) {
    const LayerInfo& info = layers_[layer];
    for (int j = kept; j < info.parameter_count; ++j)
      B::fill(B::packed_size(info.parameters[static_cast<std::size_t>(j)]), 0.0F,
              gradients_of(layer)[static_cast<std::size_t>(j)]);
  }
  FlatGradients<B> gradients() { return {gradients_.span(), zero_put_off_.get()}; }
  Parameters<B> parameters() {
    ensure_gradients();
    return {parameters_.span(), gradients(), named_parameters()};
  }

  OfLayer<const float> parameters_of(std::size_t layer) const {
    return pointers(layers_[layer].parameter_count, plan_[layer].parameters, parameters_.data());
  }
  OfLayer<float> gradients_of(std::size_t layer) {
    return pointers(layers_[layer].parameter_count, plan_[layer].parameters, gradients_.data());
  }
  OfLayer<float> buffers_of(std::size_t layer) {
    return pointers(layers_[layer].buffer_count, plan_[layer].buffers, buffers_.data());
  }
  /// A training pass has gone through the layer.
  void count_batch(std::size_t layer) {
    if (layers_[layer].counts_batches) ++batches_tracked_[layer];
  }

  std::vector<NamedTensor<B>> named_parameters() {
    return named(&LayerInfo::parameters, &LayerInfo::parameter_count,
                 &detail::LayerPlan::parameters, parameters_.data(), gradients());
  }
  std::vector<NamedTensor<B>> named_buffers() {
    return named(&LayerInfo::buffers, &LayerInfo::buffer_count, &detail::LayerPlan::buffers,
                 buffers_.data(), {});
  }
  NamedTensor<B> parameter(std::string_view name) { return find(named_parameters(), name); }
  NamedTensor<B> buffer(std::string_view name) { return find(named_buffers(), name); }

  State<B> state() {
    State<B> state{named_parameters(), {}};
    for (auto& tensor : named_buffers())
      state.tensors.push_back(std::move(tensor));
    for (std::size_t i = 0; i < layers_.size(); ++i)
      if (layers_[i].counts_batches)
        state.counters.push_back({tensor_name_(i, "num_batches_tracked"), &batches_tracked_[i]});
    return state;
  }

 private:
  template <class Float>
  static OfLayer<Float> pointers(int count, const std::array<std::size_t, 2>& offsets,
                                 Float* base) {
    OfLayer<Float> result{};
    if (base == nullptr) return result;
    for (std::size_t j = 0; j < static_cast<std::size_t>(count); ++j)
      result[j] = base + offsets[j];
    return result;
  }

  std::vector<NamedTensor<B>> named(std::array<ParameterInfo, 2> LayerInfo::* infos,
                                    int LayerInfo::* number,
                                    std::array<std::size_t, 2> detail::LayerPlan::* offsets,
                                    float* values, const FlatGradients<B>& gradients) const {
    std::vector<NamedTensor<B>> tensors;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      for (std::size_t j = 0; j < static_cast<std::size_t>(layers_[i].*number); ++j) {
        const ParameterInfo& info = (layers_[i].*infos)[j];
        const std::size_t offset = (plan_[i].*offsets)[j];
        tensors.emplace_back(tensor_name_(i, info.name), static_cast<std::uint32_t>(tensors.size()),
                             info, offset, values + offset, gradients);
      }
    }
    return tensors;
  }

  static NamedTensor<B> find(const std::vector<NamedTensor<B>>& tensors, std::string_view name) {
    std::string names;
    for (const auto& tensor : tensors) {
      if (tensor.name() == name) return tensor;
      names += (names.empty() ? "" : ", ") + tensor.name();
    }
    throw std::invalid_argument(
        sentence("lamina: there is no '", name, "' in this model; it has: ", names));
  }

  std::span<const LayerInfo> layers_;
  std::span<const detail::LayerPlan> plan_;
  TensorName tensor_name_;
  std::vector<std::int64_t> batches_tracked_;
  Memory<B> parameters_, gradients_, buffers_;
  std::unique_ptr<bool> zero_put_off_ = std::make_unique<bool>(false);  // handles outlive a move
};

}  // namespace impl
}  // namespace lamina::inline LAMINA_ISA
