// SPDX-License-Identifier: MIT
#pragma once
// save and load: a model as a safetensors file with PyTorch's names and shapes, so that
// safetensors.torch.load_file gives the state_dict of the equivalent nn.Sequential, and back.

#include <array>
#include <filesystem>

#include "lamina/core/isa.hpp"
#include "lamina/io/state_file.hpp"
#include "lamina/model/model.hpp"

namespace lamina::inline LAMINA_ISA {

/// Writes parameters and running statistics, replacing the file in one step.
/// errors run: a value that is not finite, a file that cannot be written; an older file stays then
template <class Net, class In, class B>
void save(Model<Net, In, B>& model, const std::filesystem::path& file) {
  const std::array states{PrefixedState<B>{"", model.state()}};
  save_states<B>(file, states, {{"format", "pt"}});
}

/// Reads what `save`, or PyTorch, wrote for the same network.
/// errors run: an unreadable file; a tensor that is missing, left over, or of another type or shape.
///             The model has not changed then.
template <class Net, class In, class B>
void load(Model<Net, In, B>& model, const std::filesystem::path& file) {
  const std::array states{PrefixedState<B>{"", model.state()}};
  load_states<B>(file, states);
}

}  // namespace lamina::inline LAMINA_ISA
