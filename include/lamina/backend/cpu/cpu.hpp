// SPDX-License-Identifier: MIT
#pragma once
// The CPU backend: the operations that layers, losses and optimisers are written in, on host memory
// with SIMD and OpenMP.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <limits>
#include <new>
#include <string_view>

#include "lamina/backend/cpu/activation.hpp"
#include "lamina/backend/cpu/batch_norm.hpp"
#include "lamina/backend/cpu/bias_gradient.hpp"
#include "lamina/backend/cpu/broadcast.hpp"
#include "lamina/backend/cpu/cross_entropy.hpp"
#include "lamina/backend/cpu/diffusion.hpp"
#include "lamina/backend/cpu/elementwise.hpp"
#include "lamina/backend/cpu/gather.hpp"
#include "lamina/backend/cpu/group_norm.hpp"
#include "lamina/backend/cpu/huge_pages.hpp"
#include "lamina/backend/cpu/input_gradient.hpp"
#include "lamina/backend/cpu/optimise.hpp"
#include "lamina/backend/cpu/packed_layout.hpp"
#include "lamina/backend/cpu/pool.hpp"
#include "lamina/backend/cpu/scatter.hpp"
#include "lamina/backend/cpu/variational.hpp"
#include "lamina/backend/cpu/weight_gradient.hpp"
#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/core/threads.hpp"
#include "lamina/layers/layer.hpp"
#include "lamina/layers/pass.hpp"

namespace lamina::inline LAMINA_ISA {

struct CpuBFloat16;

/// Runs models on the processor that the program is compiled for.
struct Cpu : CpuBatchNorm,
             CpuBroadcast,
             CpuCrossEntropy,
             CpuDiffusion,
             CpuElementwise,
             CpuGroupNorm,
             CpuOptimise,
             CpuPool,
             CpuVariational {
  static constexpr std::string_view name = "cpu";
  static constexpr bool host_memory = true;
  /// The same with products of bfloat16: backend/cpu/bfloat16.hpp.
  using with_bfloat16 = CpuBFloat16;
  /// gather, scatter and batch_norm_apply may end with an activation, batch_norm_gradient begin with the gradient of one
  /// and input_gradient end with it.
  static constexpr bool fuses_activations = true;
  /// zero_grad() leaves the zeros to whoever comes next: a backward writes most gradients anyway.
  static constexpr bool puts_off_zeros = true;

  /// Says once, on stderr, when the build cannot be fast. LAMINA_QUIET in the environment forbids it.
  static void prepare() {
    static const bool told = [] {
      if (slow_instruction_set && std::getenv("LAMINA_QUIET") == nullptr)
        std::cerr << "lamina: compiled for " << instruction_set()
                  << ", a fraction of what most processors can do; link lamina::native or compile "
                     "with -march=native for speed\n";
      return true;
    }();
    static_cast<void>(told);
  }

  /// Zeroed and aligned to a cache line. errors run: std::bad_alloc
  static float* allocate(std::size_t count) {
    constexpr std::size_t most = (std::numeric_limits<std::size_t>::max)() / 2 / sizeof(float);
    if (count == 0) return nullptr;
    if (count > most) throw std::bad_alloc();
    auto* const memory =
        static_cast<float*>(::operator new(count * sizeof(float), std::align_val_t{64}));
    prefer_huge_pages(memory, count * sizeof(float));
    std::memset(memory, 0, count * sizeof(float));
    return memory;
  }
  static void release(float* memory) noexcept { ::operator delete(memory, std::align_val_t{64}); }

  template <WindowGeometry G>
  static constexpr WorkspaceSize gather_workspace() {
    return lamina::gather_workspace<G>();
  }
  template <WindowGeometry G>
  static constexpr WorkspaceSize scatter_workspace() {
    return lamina::scatter_workspace<G>();
  }
  template <WindowGeometry G, LanesAre Are>
  static constexpr WorkspaceSize input_gradient_workspace() {
    return lamina::input_gradient_workspace<G, Are>();
  }
  template <WindowGeometry G, LanesAre Are>
  static constexpr WorkspaceSize weight_gradient_workspace() {
    return lamina::weight_gradient_workspace<G, Are>();
  }
  static constexpr std::size_t bias_gradient_workspace(int channels) {
    return lamina::bias_gradient_workspace(channels);
  }

  template <WindowGeometry G, class Activation = NoActivation>
  static void gather(std::size_t images, const float* big, const float* weights, const float* bias,
                     float* small, float* workspace) {
    lamina::gather<G>(static_cast<int>(images), big, weights, bias, small, workspace,
                      value_of<Activation>(small));
  }
  template <WindowGeometry G, class Activation = NoActivation>
  static void scatter(std::size_t images, const float* small, const float* weights,
                      const float* bias, float* big, float* workspace) {
    lamina::scatter<G>(static_cast<int>(images), small, weights, bias, big, workspace,
                       value_of<Activation>(big));
  }
  /// x are values of the activation in front, of which dx then is the gradient.
  template <WindowGeometry G, LanesAre Are, class Activation = NoActivation>
  static void input_gradient(std::size_t images, const float* dy, const float* weights,
                             const float* x, float* dx, float* workspace) {
    lamina::input_gradient<G, Are>(static_cast<int>(images), dy, weights, dx, workspace,
                                   gradient_of<Activation>(x));
  }
  template <WindowGeometry G, LanesAre Are>
  static void weight_gradient(std::size_t images, const float* big, const float* small,
                              float* gradient, float* workspace,
                              GradientUpdate update = GradientUpdate::add) {
    lamina::weight_gradient<G, Are>(static_cast<int>(images), big, small, gradient, workspace,
                                    update);
  }
  template <WindowGeometry G>
  static constexpr bool overwrites_weight_gradient() {
    return G.is_matrix_product();
  }
  static void bias_gradient(std::size_t pixels, int channels, const float* dy, float* gradient,
                            float* workspace) {
    lamina::bias_gradient(static_cast<std::ptrdiff_t>(pixels), channels, dy, gradient, workspace);
  }

  /// How many values a parameter takes as it is stored here.
  static constexpr std::size_t packed_size(const ParameterInfo& info) {
    return info.storage == Storage::vector ? info.shape.size() : layout_of(info).size();
  }
  /// From PyTorch's order to the stored one, and back.
  static void pack(const ParameterInfo& info, const float* from, float* to) {
    for_each_weight(info, [=](std::size_t torch, std::size_t packed) { to[packed] = from[torch]; });
  }
  static void unpack(const ParameterInfo& info, const float* from, float* to) {
    for_each_weight(info, [=](std::size_t torch, std::size_t packed) { to[torch] = from[packed]; });
  }

 protected:
  template <class Activation>
  static Finish value_of(const float* outputs) {
    if constexpr (std::same_as<Activation, NoActivation>)
      return {};
    else
      return {&activate_in_place<Activation>, outputs};
  }
  template <class Activation>
  static Finish gradient_of(const float* values) {
    if constexpr (std::same_as<Activation, NoActivation>)
      return {};
    else
      return {&activation_gradient_in_place<Activation>, values};
  }

 private:
  /// Lanes are the channels that the layer puts out, rows those that it takes in.
  static constexpr PackedLayout layout_of(const ParameterInfo& info) {
    const Dims& shape = info.shape;
    if (info.storage == Storage::linear) return {1, shape[1], shape[0]};
    const int taps = shape[2] * shape[3];
    return info.storage == Storage::conv ? PackedLayout{taps, shape[1], shape[0]}
                                         : PackedLayout{taps, shape[0], shape[1]};
  }

  template <class Move>
  static void for_each_weight(const ParameterInfo& info, const Move& move) {
    std::size_t torch = 0;
    if (info.storage == Storage::vector) {
      for (; torch < info.shape.size(); ++torch)
        move(torch, torch);
      return;
    }
    const PackedLayout layout = layout_of(info);
    const bool out_first = info.storage != Storage::conv_transpose;
    for (int first = 0; first < info.shape[0]; ++first)
      for (int second = 0; second < info.shape[1]; ++second)
        for (int tap = 0; tap < layout.taps; ++tap)
          move(torch++,
               out_first ? layout.offset(tap, second, first) : layout.offset(tap, first, second));
  }
};

}  // namespace lamina::inline LAMINA_ISA
