// SPDX-License-Identifier: MIT
#include "common/host_states.hpp"

#include <algorithm>

#include "lamina/lamina.hpp"

namespace examples {

void HostStates::add(std::string prefix, lamina::State<lamina::Cpu> state) {
  states_.push_back({std::move(prefix), std::move(state)});
}

const HostStates::States& HostStates::fetch() const {
  for (Copy& copy : copies_) {
    std::vector<float> values(copy.here.size());
    copy.read(values);
    copy.here.write(values);
  }
  return states_;
}

lamina::PrefixedState<lamina::Cpu> HostStates::fetch(const std::string& prefix,
                                                     std::string as) const {
  const auto found =
      std::ranges::find(fetch(), prefix, &lamina::PrefixedState<lamina::Cpu>::prefix);
  return {std::move(as), found->state};
}

void HostStates::take_over(const States& others) {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    auto& [tensors, counters] = states_[i].state;
    const auto& other = others.at(i).state;
    for (std::size_t t = 0; t < tensors.size(); ++t) {
      std::vector<float> values(tensors[t].size());
      other.tensors.at(t).read(values);
      tensors[t].write(values);
    }
    for (std::size_t c = 0; c < counters.size(); ++c)
      *counters[c].value = *other.counters.at(c).value;
  }
  send();
}

void HostStates::send() {
  for (const Copy& copy : copies_) {
    std::vector<float> values(copy.here.size());
    copy.here.read(values);
    copy.write(values);
  }
}

lamina::NamedTensor<lamina::Cpu> HostStates::copy_of(
    const std::string& name, std::uint32_t number, const lamina::ParameterInfo& info,
    std::function<void(std::span<float>)> read, std::function<void(std::span<const float>)> write) {
  auto& memory = memory_.emplace_back(lamina::Cpu::packed_size(info));
  const lamina::NamedTensor<lamina::Cpu> here(name, number, info, 0, memory.data());
  copies_.push_back({here, std::move(read), std::move(write)});
  return here;
}

}  // namespace examples
