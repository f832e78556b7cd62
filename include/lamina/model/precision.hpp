// SPDX-License-Identifier: MIT
#pragma once
// How the products of a model are computed.

#include "lamina/backend/cpu/bfloat16.hpp"

namespace lamina {

/// float32: all in float32. bfloat16: convolutions, transposed convolutions and linear layers round what they multiply
/// to bfloat16, in all directions, and sum in float32; parameters, gradients, activations, statistics and losses
/// stay float32, so that optimisers and files know nothing of it (torch.autocast with dtype=torch.bfloat16).
enum class Precision { float32, bfloat16 };

namespace detail {

template <class B, Precision P>
struct BackendWithPrecision {
  using type = B;
};
template <class B>
struct BackendWithPrecision<B, Precision::bfloat16> {
  using type = typename B::with_bfloat16;
};
template <class B, Precision P>
using WithPrecision = typename BackendWithPrecision<B, P>::type;

}  // namespace detail
}  // namespace lamina
