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
constexpr std::size_t aligned(std::size_t values) {
  return (values + 15) / 16 * 16;
}

struct LayerPlan {
  std::array<std::size_t, 2> parameters{};  ///< offsets into the parameter buffer
  std::array<std::size_t, 2> buffers{};
  WorkspaceSize saved{};   ///< what lies in front of it in the saved values
  std::size_t output = 0;  ///< offset per image into the activations; views have none
  /// Where backward writes the gradients of the layer's inputs (input, other): offsets per image into
  /// the differences. Where a value is read twice, the later writer adds its share to the first's.
  std::array<std::size_t, 2> gradient{};
  std::array<bool, 2> adds{};
  bool next_overwrites = false;  ///< the next layer reads this one's output and writes over it
  /// The next layer alone reads this one's output, and this one writes dx over dy.
  bool next_hands_over = false;
};

template <std::size_t Count>
struct Plan {
  std::array<LayerPlan, Count> layers{};
  /// Of each value (0: the input, i + 1: the output of layer i): where its gradient lies, per image,
  /// and whether parameters in front of it need it.
  std::array<std::size_t, Count + 1> gradients{};
  std::array<bool, Count + 1> needed{};
  std::size_t parameters = 0;
  std::size_t buffers = 0;
  WorkspaceSize saved{};
  std::size_t activations = 0;  ///< per image
  std::size_t differences = 0;  ///< per image
  WorkspaceSize workspace{};
};

/// The values that a layer reads, as far as there are any: `which` is 0 for its input, 1 for `other`.
template <class Visit>
constexpr void for_each_input(const Link& link, const Visit& visit) {
  visit(std::size_t{0}, static_cast<std::size_t>(link.input));
  if (link.other >= 0) visit(std::size_t{1}, static_cast<std::size_t>(link.other));
}

template <std::size_t Count>
constexpr std::array<int, Count + 1> readers_of_values(const Trace<Count>& trace) {
  std::array<int, Count + 1> readers{};
  for (const Link& link : trace.links)
    for_each_input(link, [&](std::size_t, std::size_t value) { ++readers[value]; });
  return readers;
}

/// Activations: a layer that may write over its input does, unless somebody reads that memory again or
/// it belongs to the caller.
template <std::size_t Count>
constexpr void place_activations(const Trace<Count>& trace, Plan<Count>& plan) {
  struct Block {
    std::size_t offset = 0;
    int readers = 0;   // layers that are still to read it
    bool kept = true;  // backward reads it; the caller's images are always kept
  };
  std::array<Block, Count + 1> blocks{};
  std::array<std::size_t, Count + 1> block_of{};  // by value
  const auto readers = readers_of_values(trace);
  std::size_t used = 1;
  blocks[0].readers = readers[0];
  for (std::size_t i = 0; i < Count; ++i) {
    const MemoryUse& use = trace.layers[i].memory;
    const std::size_t in = block_of[static_cast<std::size_t>(trace.links[i].input)];
    for_each_input(trace.links[i], [&](std::size_t, std::size_t value) {
      Block& block = blocks[block_of[value]];
      --block.readers;
      block.kept = block.kept || use.backward_reads_input;
    });
    const bool over_input = use.overwrites_input && !blocks[in].kept && blocks[in].readers == 0;
    if (i > 0)
      plan.layers[i - 1].next_overwrites =
          over_input && trace.links[i].input == static_cast<int>(i);
    std::size_t out = in;
    if (!use.view && !over_input) {
      out = used++;
      blocks[out] = {plan.activations, 0, false};
      plan.activations += aligned(trace.layers[i].output.size());
    }
    block_of[i + 1] = out;
    blocks[out].readers += readers[i + 1];
    blocks[out].kept = blocks[out].kept || use.backward_reads_output;
    plan.layers[i].output = blocks[out].offset;
  }
}

/// A piece of the differences that is in use from one step of backward to another.
struct GradientBlock {
  std::size_t size = 0;
  std::size_t first = 0;
  std::size_t last = 0;
  std::size_t offset = 0;
};

/// Gives each of `count` blocks the lowest offset at which it meets no other that is in use at the same
/// time, in the order of their first steps. Returns the size of the whole.
template <std::size_t Most>
constexpr std::size_t pack_blocks(std::array<GradientBlock, Most>& blocks, std::size_t count) {
  std::array<std::size_t, Most> order{};
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t at = i;
    for (; at > 0 && blocks[order[at - 1]].first > blocks[i].first; --at)
      order[at] = order[at - 1];
    order[at] = i;
  }
  std::array<std::size_t, Most> in_use{};
  std::size_t used = 0;
  std::size_t total = 0;
  for (std::size_t k = 0; k < count; ++k) {
    GradientBlock& block = blocks[order[k]];
    std::size_t left = 0;
    for (std::size_t j = 0; j < used; ++j)
      if (blocks[in_use[j]].last >= block.first) in_use[left++] = in_use[j];
    used = left;
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t j = 0; j < used; ++j) {
        const GradientBlock& other = blocks[in_use[j]];
        if (block.offset >= other.offset + other.size || other.offset >= block.offset + block.size)
          continue;
        block.offset = other.offset + other.size;
        moved = true;
      }
    }
    in_use[used++] = order[k];
    total = (std::max)(total, block.offset + block.size);
  }
  return total;
}

/// Gradients of activations. Backward visits the layers from the last to the first: layer i in step
/// Count - i; step 0 writes the gradient of the output. A value's gradient is in use from its last
/// reader's step to its maker's. A layer that may write over dy does, where it is the value's only
/// reader.
template <std::size_t Count>
constexpr void place_gradients(const Trace<Count>& trace, Plan<Count>& plan) {
  constexpr std::size_t most = 3 * Count + 1;
  const auto readers = readers_of_values(trace);
  std::array<GradientBlock, most> blocks{};
  std::array<std::size_t, Count + 1> block_of{};
  std::array<std::array<std::size_t, 2>, Count> written{};
  std::array<bool, Count + 1> begun{};
  const auto in_use_until = [](std::size_t value) { return Count + 1 - value; };
  blocks[0] = {aligned(trace.output.size()), 0, in_use_until(Count), 0};
  block_of[Count] = 0;
  std::size_t used = 1;
  for (std::size_t i = Count; i-- > 0;) {
    const MemoryUse& use = trace.layers[i].memory;
    const std::size_t step = Count - i;
    for_each_input(trace.links[i], [&](std::size_t which, std::size_t value) {
      const std::size_t size = aligned(trace.values[value].size());
      if (!begun[value]) {
        const bool over_dy =
            which == 0 && readers[value] == 1 && (use.view || use.overwrites_gradient);
        if (!over_dy) blocks[used] = {size, step, step, 0};
        GradientBlock& block = blocks[block_of[value] = over_dy ? block_of[i + 1] : used++];
        block.last = (std::max)(block.last, in_use_until(value));
        begun[value] = true;
        written[i][which] = block_of[value];
      } else {
        blocks[used] = {size, step, step, 0};
        written[i][which] = used++;
        plan.layers[i].adds[which] = true;
      }
    });
  }
  plan.differences = pack_blocks(blocks, used);
  for (std::size_t value = 0; value <= Count; ++value)
    plan.gradients[value] = blocks[block_of[value]].offset;
  for (std::size_t i = 0; i < Count; ++i) {
    for (std::size_t which = 0; which < 2; ++which)
      plan.layers[i].gradient[which] = blocks[written[i][which]].offset;
    const int output = static_cast<int>(i + 1);
    plan.layers[i].next_hands_over = i + 1 < Count && readers[i + 1] == 1 &&
                                     trace.links[i + 1].input == output &&
                                     written[i][0] == block_of[i + 1];
  }
}

/// A value's gradient is needed where a layer with parameters, or one behind such a layer, made it.
template <std::size_t Count>
constexpr void find_needed(const Trace<Count>& trace, Plan<Count>& plan) {
  for (std::size_t i = 0; i < Count; ++i) {
    plan.needed[i + 1] = trace.layers[i].parameter_count > 0;
    for_each_input(trace.links[i], [&](std::size_t, std::size_t value) {
      plan.needed[i + 1] = plan.needed[i + 1] || plan.needed[value];
    });
  }
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
    plan.saved.fixed += aligned(static_cast<std::size_t>(layer.memory.saved));
    plan.saved.per_image += aligned(static_cast<std::size_t>(layer.memory.saved_per_image));
  }
}

template <class B, std::size_t Count>
consteval Plan<Count> make_plan(const Trace<Count>& trace,
                                const std::array<WorkspaceSize, Count>& workspaces) {
  Plan<Count> plan;
  place_activations(trace, plan);
  place_gradients(trace, plan);
  find_needed(trace, plan);
  place_parameters<B>(trace, plan);
  for (const WorkspaceSize& size : workspaces)
    plan.workspace = largest({plan.workspace, {aligned(size.fixed), size.per_image}});
  return plan;
}

}  // namespace detail

}  // namespace lamina
