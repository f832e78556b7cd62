// SPDX-License-Identifier: MIT
#pragma once
// Parameters, running statistics and optimiser state by PyTorch's names, in PyTorch's shapes and
// order, whatever the backend's packed layout is.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/core/xtensor.hpp"
#include "lamina/layers/layer.hpp"
#include "lamina/model/flat_gradients.hpp"

namespace lamina::inline LAMINA_ISA {

/// A handle on one tensor inside a model (or optimiser), which must outlive it.
template <class B>
class NamedTensor {
 public:
  /// `number` counts the tensors of its kind; `offset` is where it begins in its flat buffer;
  /// `gradients` may be none.
  NamedTensor(std::string name, std::uint32_t number, const ParameterInfo& info, std::size_t offset,
              float* values, const FlatGradients<B>& gradients = {})
      : name_(std::move(name)),
        number_(number),
        info_(info),
        offset_(offset),
        values_(values),
        gradients_(gradients) {}

  const std::string& name() const { return name_; }
  std::uint32_t number() const { return number_; }
  const ParameterInfo& info() const { return info_; }
  /// Where the packed values begin in the flat buffer, and how many there are.
  std::size_t offset() const { return offset_; }
  std::size_t packed_size() const { return B::packed_size(info_); }
  /// Number of values.
  std::size_t size() const { return info_.shape.size(); }
  /// PyTorch's shape.
  std::vector<std::size_t> shape() const {
    std::vector<std::size_t> shape;
    for (int i = 0; i < info_.shape.rank; ++i)
      shape.push_back(static_cast<std::size_t>(info_.shape[i]));
    return shape;
  }

  /// A copy of the values.
  xt::xarray<float> array() const { return unpacked(values_); }
  /// A copy of the gradient. errors run: the tensor has none
  xt::xarray<float> gradient() const {
    require(gradients_.size() > 0, "'", name_, "' has no gradient");
    return unpacked(gradients_.data() + offset_);
  }

  /// Takes the values of an xtensor expression. errors run: another shape
  template <class E>
  void assign(const xt::xexpression<E>& values) {
    const xt::xarray<float> from = values.derived_cast();
    require(from.shape() == xt::xarray<float>::shape_type(shape_vector()), "'", name_,
            "' has shape ", text(shape()), ", got ", text(from.shape()));
    write({from.data(), from.size()});
  }

  /// Copies the values out, in PyTorch's order. errors run: `out` is not of size() values
  void read(std::span<float> out) const {
    require_size(out.size());
    B::unpack(info_, values_, out.data());
  }
  /// Takes values in PyTorch's order. errors run: not size() values
  void write(std::span<const float> in) {
    require_size(in.size());
    B::pack(info_, in.data(), values_);
  }

  /// "(32, 1, 4, 4)".
  template <class Extents>
  static std::string text(const Extents& extents) {
    std::string text = "(";
    for (const auto extent : extents)
      text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
    return text + ")";
  }

 private:
  void require_size(std::size_t values) const {
    require(values == size(), "'", name_, "' has ", size(), " values, got ", values);
  }
  xt::xarray<float>::shape_type shape_vector() const {
    const auto extents = shape();
    return xt::xarray<float>::shape_type(extents.begin(), extents.end());
  }
  xt::xarray<float> unpacked(const float* packed) const {
    xt::xarray<float> result = xt::xarray<float>::from_shape(shape_vector());
    B::unpack(info_, packed, result.data());
    return result;
  }

  std::string name_;
  std::uint32_t number_;
  ParameterInfo info_;
  std::size_t offset_;
  float* values_;
  FlatGradients<B> gradients_;
};

/// A whole number that belongs to the state: num_batches_tracked, an optimiser's step.
struct NamedCounter {
  std::string name;
  std::int64_t* value;
};

/// Everything that a file of a model or an optimiser holds: parameters, buffers, counters.
template <class B>
struct State {
  std::vector<NamedTensor<B>> tensors;
  std::vector<NamedCounter> counters;
};

/// A state and what its names begin with in a file: "" for a model's own file.
template <class B>
struct PrefixedState {
  std::string prefix;
  State<B> state;
};

/// The learnable part of a model: flat buffers for the optimiser, and the tensors in them by name.
template <class B>
struct Parameters {
  std::span<float> values;
  FlatGradients<B> gradients;
  std::vector<NamedTensor<B>> tensors;
};

}  // namespace lamina::inline LAMINA_ISA
