// SPDX-License-Identifier: MIT
#pragma once
// What a layer is handed while a model runs: where its input, output, parameters and scratch memory
// lie on the backend, and how many images there are. A layer keeps nothing itself.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "lamina/core/replica.hpp"

namespace lamina {

/// Training or evaluation: torch.nn.Module.train() and eval().
enum class Mode { train, eval };

/// Names a draw of random numbers: the seed, the layer that draws, and how many training passes the
/// model has made. The index of the value drawn completes it.
struct DrawKey {
  std::uint64_t seed = 0;
  std::uint32_t layer = 0;
  std::uint64_t pass = 0;
  std::uint64_t first = 0;  ///< number of the first value drawn, where replicas share a batch
};

/// y = layer(x) for `images` images, channels last.
template <class Backend>
struct ForwardPass {
  Shard images;
  Mode mode;
  const float* x;
  const float* other;      ///< of a join: its second input
  const float* condition;  ///< condition_features values for each image
  float* y;
  std::array<const float*, 2> parameters;
  std::array<float*, 2> buffers;
  float* saved;      ///< LayerInfo::memory.saved and saved_per_image values, kept for backward
  float* workspace;  ///< as much as the layer's `workspace` asks for
  DrawKey draw;
};

/// What happens to a gradient that is there already.
enum class GradientUpdate { add, overwrite };

/// The activation whose gradient a layer's backward<Activation> computes as well: that of the layer behind, of whose output
/// dy is the gradient then, or that of the layer in front, whose values are x and of whose input dx is the gradient.
enum class Neighbour { in_front, behind };

/// dx = d loss / d x from dy = d loss / d y, overwritten; parameter gradients accumulate (+=).
template <class Backend>
struct BackwardPass {
  Shard images;
  Mode mode;
  const float* x;
  const float* y;
  const float* condition;
  const float* dy;
  float* dx;      ///< null: not wanted
  float* dother;  ///< of a join, for its second input; null: not wanted
  std::array<const float*, 2> parameters;
  std::array<float*, 2> gradients;  ///< null: not wanted
  GradientUpdate weight_update;     ///< of the first; add, unless `overwrites_weight_gradient`
  const float* saved;
  float* workspace;
  DrawKey draw;
};

/// Memory in values: a fixed part and, behind it, a part for each image.
struct WorkspaceSize {
  std::size_t fixed = 0;
  std::size_t per_image = 0;

  constexpr std::size_t of(std::size_t images) const { return fixed + per_image * images; }
  /// With `values` more in front.
  constexpr WorkspaceSize behind(std::size_t values) const { return {values + fixed, per_image}; }
};

/// Enough for each of them, one after the other.
constexpr WorkspaceSize largest(std::initializer_list<WorkspaceSize> sizes) {
  WorkspaceSize most;
  for (const WorkspaceSize& size : sizes) {
    most.fixed = (std::max)(most.fixed, size.fixed);
    most.per_image = (std::max)(most.per_image, size.per_image);
  }
  return most;
}

}  // namespace lamina
