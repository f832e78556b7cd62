// SPDX-License-Identifier: MIT
#pragma once
// CapturedStep<B>: a training step that a device runs as one graph.

#include <cstddef>
#include <map>
#include <memory>
#include <type_traits>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

/// A step on a device as one launch:
///   CapturedStep<Cuda> captured;
///   for (const auto& [images, labels] : batches_on<Cuda>(...))
///     const double loss = captured(images.size(), [&] { ...; return loss; });
/// The first step of each batch size runs as it is, the second is recorded, and from then on the host only
/// compares what the step asks for with the record, changes what differs (an optimiser's step size, the number
/// of a draw) and launches the whole. Figures inside, losses say, are those of the last step that was waited
/// for: of the one before, or of every so-manieth with `figures_every`; NaN in the first recorded one.
/// errors run: std::logic_error: a step that allocates, waits for the device or asks for something else than
///        before. It has not run then, though what the host counts has gone on; the next one is recorded anew.
template <class B>
class CapturedStep {
  using Device = typename B::device;

 public:
  explicit CapturedStep(std::size_t figures_every = 1) : figures_every_(figures_every) {
    require(figures_every >= 1, "figures are fetched every step or less often, got every ",
            figures_every);
  }

  /// `images` tells steps of different batch sizes apart.
  template <class Step>
  auto operator()(std::size_t images, const Step& step) {
    const auto found = graphs_.find(images);
    if (found == graphs_.end()) {
      graphs_.emplace(images, nullptr);
      return step();
    }
    if (found->second == nullptr) found->second = std::make_unique<typename Device::Graph>();
    Recorded recorded{*this, found->first, *found->second};
    if constexpr (std::is_void_v<decltype(step())>) {
      step();
      recorded.run();
    } else {
      const auto figures = step();
      recorded.run();
      return figures;
    }
  }

 private:
  /// Forgets the graph unless the step came to its end.
  struct Recorded {
    CapturedStep& steps;
    std::size_t images;
    typename Device::Graph& graph;
    bool ran = false;

    Recorded(CapturedStep& all, std::size_t size, typename Device::Graph& its_graph)
        : steps(all), images(size), graph(its_graph) {
      Device::begin_step(graph, steps.steps_++ % steps.figures_every_ == 0);
    }
    Recorded(const Recorded&) = delete;
    Recorded& operator=(const Recorded&) = delete;
    void run() {
      Device::run_step(graph);
      ran = true;
    }
    ~Recorded() {
      if (ran) return;
      Device::drop_step(graph);
      steps.graphs_.erase(images);
    }
  };

  std::size_t figures_every_;
  std::size_t steps_ = 0;
  std::map<std::size_t, std::unique_ptr<typename Device::Graph>> graphs_;
};

}  // namespace lamina::inline LAMINA_ISA
