// SPDX-License-Identifier: MIT
#pragma once
// Where everything of a model lies, worked out by the compiler: parameters, gradients, activations
// and scratch memory. Sizes are in values (floats); per-image sizes are multiplied by the batch.

#include <algorithm>
#include <array>
#include <cstddef>

#include "lamina/layers/layer.hpp"
#include "lamina/layers/pass.hpp"
#include "lamina/model/network.hpp"

namespace lamina {

/// What a model takes, in bytes; Model::memory_plan(images) fills it in.
struct MemoryPlan {
  std::size_t parameters = 0;   ///< values of the weights, packed as the kernels read them
  std::size_t gradients = 0;    ///< of the parameters: as large
  std::size_t buffers = 0;      ///< running statistics
  std::size_t activations = 0;  ///< outputs kept for backward, for the whole batch
  std::size_t differences = 0;  ///< gradients of activations, for the whole batch
  std::size_t workspace = 0;    ///< scratch and saved statistics
  std::size_t total() const {
    return parameters + gradients + buffers + activations + differences + workspace;
  }
};

namespace detail {

/// Blocks of memory begin at multiples of a cache line.
constexpr std::size_t aligned(std::size_t values) { return (values + 15) / 16 * 16; }

struct LayerPlan {
  std::array<std::size_t, 2> parameters{};  ///< offsets into the parameter buffer
  std::array<std::size_t, 2> buffers{};
  std::size_t saved = 0;
  std::size_t output = 0;      ///< offset per image into the activations; views have none
  std::size_t difference = 0;  ///< offset per image of the gradient of the layer's *input*
};

template <std::size_t Count>
struct Plan {
  std::array<LayerPlan, Count> layers{};
  std::size_t parameters = 0;
  std::size_t buffers = 0;
  std::size_t saved = 0;
  std::size_t activations = 0;        ///< per image
  std::size_t differences = 0;        ///< per image
  WorkspaceSize workspace{};
};

/// Activations: a layer that may write over its input does, unless the layer in front of it needs
/// that output again or the input belongs to the caller.
template <std::size_t Count>
constexpr void place_activations(const Trace<Count>& trace, Plan<Count>& plan) {
  bool in_arena = false;     // the current values lie in the activations
  bool needed_later = true;  // backward reads the current values as somebody's output
  std::size_t current = 0;
  for (std::size_t i = 0; i < Count; ++i) {
    const MemoryUse& use = trace.layers[i].memory;
    if (use.view) continue;
    if (!use.overwrites_input || !in_arena || needed_later) {
      current = plan.activations;
      plan.activations += aligned(trace.layers[i].output.size());
      needed_later = false;
    }
    plan.layers[i].output = current;
    needed_later = needed_later || use.backward_reads_output;
    in_arena = true;
  }
}

/// Gradients of activations take turns in two blocks, the output's is in the first; layers that may write over dy stay in theirs.
template <std::size_t Count>
constexpr void place_differences(const Trace<Count>& trace, Plan<Count>& plan) {
  std::array<std::size_t, 2> size{aligned(trace.output.size()), 0};
  std::array<std::size_t, Count> turn{};
  std::size_t now = 0;
  for (std::size_t i = Count; i-- > 0;) {
    const MemoryUse& use = trace.layers[i].memory;
    if (!use.view && !use.overwrites_gradient) now = 1 - now;
    turn[i] = now;
    size[now] = (std::max)(size[now], aligned(trace.inputs[i].size()));
  }
  for (std::size_t i = 0; i < Count; ++i) plan.layers[i].difference = turn[i] == 0 ? 0 : size[0];
  plan.differences = size[0] + size[1];
}

template <class B, std::size_t Count>
constexpr void place_parameters(const Trace<Count>& trace, Plan<Count>& plan) {
  for (std::size_t i = 0; i < Count; ++i) {
    const LayerInfo& layer = trace.layers[i];
    for (int j = 0; j < layer.parameter_count; ++j) {
      const auto at = static_cast<std::size_t>(j);
      plan.layers[i].parameters[at] = plan.parameters;
      plan.parameters += aligned(B::packed_size(layer.parameters[at]));
    }
    for (int j = 0; j < layer.buffer_count; ++j) {
      const auto at = static_cast<std::size_t>(j);
      plan.layers[i].buffers[at] = plan.buffers;
      plan.buffers += aligned(B::packed_size(layer.buffers[at]));
    }
    plan.layers[i].saved = plan.saved;
    plan.saved += aligned(static_cast<std::size_t>(layer.memory.saved));
  }
}

template <class B, std::size_t Count>
consteval Plan<Count> make_plan(const Trace<Count>& trace,
                                const std::array<WorkspaceSize, Count>& workspaces) {
  Plan<Count> plan;
  place_activations(trace, plan);
  place_differences(trace, plan);
  place_parameters<B>(trace, plan);
  for (const WorkspaceSize& size : workspaces) {
    plan.workspace.fixed = (std::max)(plan.workspace.fixed, aligned(size.fixed));
    plan.workspace.per_image = (std::max)(plan.workspace.per_image, size.per_image);
  }
  return plan;
}

}  // namespace detail

}  // namespace lamina
