// SPDX-License-Identifier: MIT
#pragma once
// What a checkpoint holds, in the host's memory, wherever the models are that it belongs to.

#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lamina/backend/cpu/cpu.hpp"
#include "lamina/model/named_tensor.hpp"

namespace examples {

/// States of models and optimisers, which must outlive it. Of one that lies on a device there is a copy here.
class HostStates {
 public:
  using States = std::vector<lamina::PrefixedState<lamina::Cpu>>;

  void add(std::string prefix, lamina::State<lamina::Cpu> state);
  template <class B>
  void add(std::string prefix, const lamina::State<B>& state) {
    lamina::State<lamina::Cpu> copy;
    copy.counters = state.counters;
    for (const auto& tensor : state.tensors)
      copy.tensors.push_back(copy_of(
          tensor.name(), tensor.number(), tensor.info(),
          [tensor = tensor](std::span<float> values) { tensor.read(values); },
          [tensor = tensor](std::span<const float> values) mutable { tensor.write(values); }));
    add(std::move(prefix), std::move(copy));
  }

  /// All of them, with the values of this moment.
  const States& fetch() const;
  /// The one with this prefix, under another.
  lamina::PrefixedState<lamina::Cpu> fetch(const std::string& prefix, std::string as) const;

  /// Takes over the values of states that begin with those of the same kind as here.
  void take_over(const States& others);

  /// Takes over values that were written to what `fetch` returned.
  void send();

 private:
  struct Copy {
    lamina::NamedTensor<lamina::Cpu> here;
    std::function<void(std::span<float>)> read;
    std::function<void(std::span<const float>)> write;
  };
  lamina::NamedTensor<lamina::Cpu> copy_of(const std::string& name, std::uint32_t number,
                                           const lamina::ParameterInfo& info,
                                           std::function<void(std::span<float>)> read,
                                           std::function<void(std::span<const float>)> write);

  States states_;
  std::deque<std::vector<float>> memory_;
  mutable std::vector<Copy> copies_;
};

}  // namespace examples
