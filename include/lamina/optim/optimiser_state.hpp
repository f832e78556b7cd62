// SPDX-License-Identifier: MIT
#pragma once
// An optimiser's memory by name: for each parameter one more tensor of the same shape and layout.

#include <string>

#include "lamina/core/isa.hpp"
#include "lamina/model/named_tensor.hpp"

namespace lamina::inline LAMINA_ISA {

namespace impl {

/// Adds "<parameter>.<what>" for each parameter; `values` is laid out like the parameters.
template <class B>
void add_optimiser_tensors(State<B>& state, const Parameters<B>& parameters, const char* what,
                           float* values) {
  for (const auto& tensor : parameters.tensors)
    state.tensors.emplace_back(tensor.name() + "." + what, tensor.number(), tensor.info(),
                               tensor.offset(), values + tensor.offset());
}

}  // namespace impl

}  // namespace lamina::inline LAMINA_ISA
