// SPDX-License-Identifier: MIT
#pragma once
// The steps of a learner on backend B. On a device they are captured: one launch each.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>
#include <variant>

#include "lamina/backend/device/captured_step.hpp"
#include "lamina/data/batches.hpp"
#include "lamina/train/loop.hpp"

#include "common/learner.hpp"

namespace examples {

/// `Interface` is a Learner<Image>.
template <class Interface, class Image, class B>
class LearnerOn : public Interface {
 public:
  lamina::train::LoopEnd learn(const lamina::Dataset<Image>& data, const TrainingLoop& loop) final {
    forget_steps();
    const auto batch_size = static_cast<std::int64_t>(loop.options.batch_size);
    const std::int64_t batches =
        (static_cast<std::int64_t>(data.size()) + batch_size - 1) / batch_size;
    return lamina::train::run_epochs<B>(
        data, loop.options, loop.at, loop.interrupt,
        [&](const lamina::Batch<Image, B>& batch) {
          loop.before_step();
          const bool last = loop.at.batch + 1 == batches;
          const bool with_figures = last || (loop.at.step + 1) % loop.figures_every == 0;
          return loop.after_step(run(batch, loop.at.step, with_figures));
        },
        loop.end_of_epoch, loop.save);
  }

 protected:
  /// One training step, number `number` of the run.
  virtual lamina::train::Figures step(const lamina::Batch<Image, B>& batch,
                                      std::int64_t number) = 0;

  /// Whether a step can be captured: it does the same each time and waits for nothing.
  virtual bool captures() const { return true; }

  /// Who looks at a model may move its memory: what was recorded of a step is no longer so.
  void forget_steps() {
    if constexpr (!lamina::HostBackend<B>) captured_.emplace(never);
  }

 private:
  static constexpr std::size_t never = (std::numeric_limits<std::size_t>::max)();

  /// A step whose figures are wanted runs as it is, since a captured one has those of an earlier step.
  lamina::train::Figures run(const lamina::Batch<Image, B>& batch, std::int64_t number,
                             bool with_figures) {
    if constexpr (!lamina::HostBackend<B>) {
      if (captures() && !with_figures) {
        (*captured_)(batch.images.size(), [&] { step(batch, number); });
        return {};
      }
    }
    return step(batch, number);
  }

  using Captured =
      std::conditional_t<lamina::HostBackend<B>, std::monostate, lamina::CapturedStep<B>>;
  std::optional<Captured> captured_;
};

}  // namespace examples
